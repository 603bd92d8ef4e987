require "editheader";
addheader "X-C" "c";
addheader "x-d" "d";
addheader "X-E" "e";
addheader "X-F" "f";
deleteheader "X-A";
deleteheader "X-B";
deleteheader "Subject";
