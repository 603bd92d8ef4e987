redirect "a b";
redirect "";
redirect "a@b, c@d";
