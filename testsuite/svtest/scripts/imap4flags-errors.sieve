require "imap4flags";
setflag;
addflag 1;
removeflag "variable" "\\Seen";
keep :flags;
if hasflag :matches { }
