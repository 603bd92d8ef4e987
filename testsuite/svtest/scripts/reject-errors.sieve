require ["reject", "ereject"];
reject;
reject 1;
reject ["a"];
ereject "a" "b";
ereject :frop "a";
