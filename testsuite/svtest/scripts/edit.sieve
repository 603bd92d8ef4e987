require "editheader";
addheader "X-By" "script";
