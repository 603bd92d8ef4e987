require ["relational", "comparator-i;ascii-numeric"];
if header :value "xx" "subject" "a" { }
if header :contains :comparator "i;ascii-numeric" "subject" "a" { }
if header :count "eq" :value "eq" "subject" "a" { }
