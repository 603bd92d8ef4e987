require ["reject", "ereject"];
reject "a";
ereject "a";
