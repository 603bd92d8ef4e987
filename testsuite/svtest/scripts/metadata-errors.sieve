require ["mboxmetadata", "servermetadata"];
if metadata "a" "b" { }
if metadata "a" "b" 3 { }
if metadataexists "a" { }
if metadataexists 1 "b" { }
if servermetadata "b" { }
if servermetadataexists { }
