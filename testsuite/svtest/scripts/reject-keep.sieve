require ["reject", "ereject"];
keep;
ereject "a";
