require "encoded-character";
if header "subject" "${unicode:d800}" { }
if header "subject" "${unicode:110000}" { }
