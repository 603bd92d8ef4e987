require ["mime", "foreverypart", "extracttext", "variables"];
break;
foreverypart { break :name "other"; }
extracttext "a";
if header :anychild "a" "b" { }
if header :mime :type :param "a" "a" "b" { }
