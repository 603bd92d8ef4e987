require ["reject", "ereject"];
reject "a";
redirect "a@example.org";
