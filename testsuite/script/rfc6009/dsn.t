# RFC 6009: envelope-dsn, envelope-deliverby, redirect-dsn, redirect-deliverby.
# The local zone is +0530.
=== s. 4.1: the examples
--- script
require ["envelope", "envelope-dsn", "relational", "fileinto",
         "comparator-i;ascii-numeric"];
if envelope "notify" "SUCCESS" { fileinto "no"; }
if envelope "notify" "failure" { fileinto "1"; }
if allof ( envelope "notify" "FAILURE",
           envelope :comparator "i;ascii-numeric"
                    :count "eq" "notify" "1"
         )
{ fileinto "no"; }
if envelope :comparator "i;ascii-numeric" :count "eq" "notify" "2" { fileinto "2"; }
if envelope :matches "orcpt" "rfc822;*@example.com" { fileinto "3"; }
if envelope "RET" "HDRS" { fileinto "4"; }
if envelope :contains "envid" "QQ" { fileinto "5"; }
if envelope ["from", "notify"] ["DELAY"] { fileinto "6"; }
--- message
From: user@example.com

body
--- options
--from a@b --notify FAILURE,DELAY --orcpt "rfc822;x+y@example.com" --ret HDRS --envid QQ314159
--- plan
store "1" line 4
store "2" line 10
store "3" line 11
store "4" line 12
store "5" line 13
store "6" line 14
--- code
require "envelope" "envelope-dsn" "relational" "fileinto" "comparator-i;ascii-numeric"
0000  3:4  envelope :all ["notify"] :is i;ascii-casemap ["SUCCESS"]
0001  3:1  jfalse -> 0003
0002  3:34  fileinto "no"
0003  4:4  envelope :all ["notify"] :is i;ascii-casemap ["failure"]
0004  4:1  jfalse -> 0006
0005  4:34  fileinto "1"
0006  5:12  envelope :all ["notify"] :is i;ascii-casemap ["FAILURE"]
0007  5:4  jfalse -> 0009
0008  6:12  envelope :all ["notify"] :count "eq" i;ascii-numeric ["1"]
0009  5:1  jfalse -> 0011
0010  9:3  fileinto "no"
0011  10:4  envelope :all ["notify"] :count "eq" i;ascii-numeric ["2"]
0012  10:1  jfalse -> 0014
0013  10:70  fileinto "2"
0014  11:4  envelope :all ["orcpt"] :matches i;ascii-casemap ["rfc822;*@example.com"]
0015  11:1  jfalse -> 0017
0016  11:55  fileinto "3"
0017  12:4  envelope :all ["RET"] :is i;ascii-casemap ["HDRS"]
0018  12:1  jfalse -> 0020
0019  12:28  fileinto "4"
0020  13:4  envelope :all ["envid"] :contains i;ascii-casemap ["QQ"]
0021  13:1  jfalse -> 0023
0022  13:38  fileinto "5"
0023  14:4  envelope :all ["from", "notify"] :is i;ascii-casemap ["DELAY"]
0024  14:1  jfalse -> 0026
0025  14:44  fileinto "6"
=== s. 4: what was not given
--- script
require ["envelope", "envelope-dsn", "relational", "fileinto",
         "comparator-i;ascii-numeric"];
if envelope :matches ["notify", "orcpt", "ret", "envid"] "*" { fileinto "no"; }
if envelope :count "eq" :comparator "i;ascii-numeric" ["notify", "orcpt", "ret", "envid"] "0" { fileinto "1"; }
--- plan
store "1" line 4
=== s. 5.1: the examples
--- script
require ["envelope", "envelope-deliverby", "relational", "date", "fileinto",
            "comparator-i;ascii-numeric", "variables"];
if anyof (envelope :contains "bytimerelative" "-",
          envelope :value "eq" :comparator "i;ascii-numeric"
                   "bytimerelative" "0")
{ fileinto "late"; }
if envelope "bytimerelative" "600" { fileinto "1"; }
if currentdate :matches "iso8601" "*" {
    set "cdate" "${0}";
    if envelope :value "ge" "bytimeabsolute" "${cdate}" { fileinto "2"; }
}
if envelope :matches :zone "+0000" "bytimeabsolute" "*T*:*:*" {
    set "bdate" "${0}";
    set "bhour" "${2}";
    if currentdate :zone "+0000" :value "lt" "iso8601" "${bdate}" {
        fileinto "missed-${bhour}";
    }
}
if envelope "bytimeabsolute" "2009-02-14T05:11:30+05:30" { fileinto "3"; }
if envelope "bymode" "notify" { fileinto "4"; }
if envelope "bytrace" "trace" { fileinto "5"; }
--- options
--now 1234567890 --by "1234568490;NT"
--- plan
store "1" line 7
store "2" line 10
store "missed-23" line 16
store "3" line 19
store "4" line 20
store "5" line 21
--- code
require "envelope" "envelope-deliverby" "relational" "date" "fileinto" "comparator-i;ascii-numeric" "variables"
0000  3:11  envelope :all ["bytimerelative"] :contains i;ascii-casemap ["-"]
0001  3:4  jtrue -> 0003
0002  4:11  envelope :all ["bytimerelative"] :value "eq" i;ascii-numeric ["0"]
0003  3:1  jfalse -> 0005
0004  6:3  fileinto "late"
0005  7:4  envelope :all ["bytimerelative"] :is i;ascii-casemap ["600"]
0006  7:1  jfalse -> 0008
0007  7:38  fileinto "1"
0008  8:4  currentdate "iso8601" :matches i;ascii-casemap ["*"]
0009  8:1  jfalse -> 0014
0010  9:5  set "cdate" "${0}"
0011  10:8  envelope :all ["bytimeabsolute"] :value "ge" i;ascii-casemap ["${cdate}"]
0012  10:5  jfalse -> 0014
0013  10:59  fileinto "2"
0014  12:4  envelope :all ["bytimeabsolute"] :matches i;ascii-casemap ["*T*:*:*"] "+0000"
0015  12:1  jfalse -> 0021
0016  13:5  set "bdate" "${0}"
0017  14:5  set "bhour" "${2}"
0018  15:8  currentdate "iso8601" "+0000" :value "lt" i;ascii-casemap ["${bdate}"]
0019  15:5  jfalse -> 0021
0020  16:9  fileinto "missed-${bhour}"
0021  19:4  envelope :all ["bytimeabsolute"] :is i;ascii-casemap ["2009-02-14T05:11:30+05:30"]
0022  19:1  jfalse -> 0024
0023  19:60  fileinto "3"
0024  20:4  envelope :all ["bymode"] :is i;ascii-casemap ["notify"]
0025  20:1  jfalse -> 0027
0026  20:33  fileinto "4"
0027  21:4  envelope :all ["bytrace"] :is i;ascii-casemap ["trace"]
0028  21:1  jfalse -> 0030
0029  21:33  fileinto "5"
=== s. 5: late, to be returned, without trace
--- script
require ["envelope", "envelope-deliverby", "fileinto"];
if envelope "bytimerelative" "-90" { fileinto "1"; }
if envelope "bymode" "return" { fileinto "2"; }
if envelope "bytrace" "" { fileinto "3"; }
--- options
--now 1234567890 --by "1234567800;R"
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== s. 5: what was not given
--- script
require ["envelope", "envelope-deliverby", "fileinto"];
if envelope :matches ["bytimerelative", "bytimeabsolute", "bymode", "bytrace"] "*" { fileinto "no"; }
--- plan
store "INBOX" implicit
=== s. 6.2: the example
--- script
require ["copy", "redirect-dsn"];
# Make a private copy of messages from user@example.com
if address "from" "user@example.com"
{
    redirect :copy :notify "NEVER" "elsewhere@example.com";
}
--- plan
redirect "elsewhere@example.com" line 5 copy notify "NEVER"
store "INBOX" implicit
--- code
require "copy" "redirect-dsn"
0000  3:4  address :all ["from"] :is i;ascii-casemap ["user@example.com"]
0001  3:1  jfalse -> 0003
0002  5:5  redirect :copy "elsewhere@example.com" "NEVER"
=== s. 6: lists, in any case
--- script
require ["redirect-dsn", "variables"];
set "r" "hdrs";
redirect :ret "${r}" :notify "success,Delay" "a@example.com";
--- plan
redirect "a@example.com" line 3 notify "SUCCESS,DELAY" ret "HDRS"
=== s. 7.2: the examples
--- script
require ["copy", "redirect-deliverby", "date", "variables",
         "relational", "comparator-i;ascii-numeric"];
if address "from" "user@example.com"
{
    redirect :copy :bytimerelative 600 "cellphone@example.com";
}
if currentdate :value "lt"
               :comparator "i;ascii-numeric" "hour" "22"
{
    if currentdate :matches "date" "*" {set "date" "${0}";}
    if currentdate :matches "zone" "*" {set "zone" "${0}";}
    redirect :copy :bytimeabsolute "${date}T20:00:00${zone}"
             :bymode "notify" :bytrace "other@example.com";
}
--- options
--now 1234567890
--- plan
redirect "cellphone@example.com" line 5 copy by 600 R
redirect "other@example.com" line 12 copy by 53910 N trace
store "INBOX" implicit
--- code
require "copy" "redirect-deliverby" "date" "variables" "relational" "comparator-i;ascii-numeric"
0000  3:4  address :all ["from"] :is i;ascii-casemap ["user@example.com"]
0001  3:1  jfalse -> 0003
0002  5:5  redirect :copy :bytimerelative "cellphone@example.com" 600
0003  7:4  currentdate "hour" :value "lt" i;ascii-numeric ["22"]
0004  7:1  jfalse -> 0012
0005  10:8  currentdate "date" :matches i;ascii-casemap ["*"]
0006  10:5  jfalse -> 0008
0007  10:41  set "date" "${0}"
0008  11:8  currentdate "zone" :matches i;ascii-casemap ["*"]
0009  11:5  jfalse -> 0011
0010  11:41  set "zone" "${0}"
0011  12:5  redirect :copy :bytimeabsolute :bytrace "other@example.com" "${date}T20:00:00${zone}" "notify"
=== at run time: a value that is none
--- script
require ["redirect-dsn", "variables"];
redirect :notify "${x}" "a@example.com";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: redirect: this is no value of :notify
=== at run time: a time that is none
--- script
require ["redirect-deliverby", "variables"];
redirect :bytimeabsolute "${x}" "a@example.com";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: redirect: this is no time of RFC 3339
=== at run time: a mode that is none
--- script
require ["redirect-deliverby", "variables"];
redirect :bytimerelative 3 :bymode "${x}" "a@example.com";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: redirect: this is no value of :bymode
=== at run time: a name from a variable counts when it is enabled only
--- script
require ["envelope", "envelope-dsn", "variables", "fileinto"];
set "n" "ret";
if envelope "${n}" "FULL" { fileinto "1"; }
set "n" "bymode";
if envelope "${n}" "notify" { fileinto "no"; }
--- options
--ret FULL
--- plan
store "INBOX" implicit
--- errors
script:5:4: error: envelope: unknown envelope part
=== errors
--- script
require ["envelope", "envelope-dsn", "redirect-dsn", "redirect-deliverby", "envelope-deliverby"];
if envelope :localpart "notify" "a" { stop; }
if envelope :all ["from", "bymode"] "a" { stop; }
if envelope :zone "UTC" "bytimeabsolute" "a" { stop; }
if envelope "nothing" "a" { stop; }
redirect :notify "SOMETIMES" "a@b";
redirect :notify "NEVER,SUCCESS" "a@b";
redirect :notify "SUCCESS," "a@b";
redirect :notify "" "a@b";
redirect :ret "BODY" "a@b";
redirect :bymode "notify" "a@b";
redirect :bytrace "a@b";
redirect :bytimerelative 3 :bytimeabsolute "2009-12-31T22:00:00Z" "a@b";
redirect :bytimeabsolute "2009-12-31" "a@b";
redirect :bytimerelative 3 :bymode "N" "a@b";
--- errors
script:2:24: error: envelope part "notify" is no address
script:3:27: error: envelope part "bymode" is no address
script:4:19: error: "UTC" is not a time zone (write it like "+0100")
script:5:13: error: unknown envelope part "nothing" (use "from" or "to")
script:6:18: error: "SOMETIMES" is no value of :notify ("NEVER", or a list like "SUCCESS,DELAY")
script:7:18: error: "NEVER,SUCCESS" is no value of :notify ("NEVER", or a list like "SUCCESS,DELAY")
script:8:18: error: "SUCCESS," is no value of :notify ("NEVER", or a list like "SUCCESS,DELAY")
script:9:18: error: "" is no value of :notify ("NEVER", or a list like "SUCCESS,DELAY")
script:10:15: error: "BODY" is no value of :ret ("FULL" or "HDRS")
script:11:10: error: tag ":bymode" cannot be used without ":bytimerelative" (add :bytimerelative)
script:12:10: error: tag ":bytrace" cannot be used without ":bytimerelative" (add :bytimerelative)
script:13:28: error: tag ":bytimeabsolute" cannot be used together with ":bytimerelative" (remove one of them)
script:14:26: error: "2009-12-31" is not a time (write it like "2009-12-31T22:00:00Z")
script:15:36: error: "N" is no value of :bymode ("notify" or "return")
=== not required
--- script
require "envelope";
if envelope "notify" "a" { stop; }
if envelope :zone "+0000" "from" "a" { stop; }
redirect :notify "NEVER" "a@b";
redirect :bytimerelative 3 "a@b";
--- errors
script:2:13: error: unknown envelope part "notify" (add require "envelope-dsn";)
script:3:13: error: unknown tagged argument ":zone" for the envelope test (add require "envelope-deliverby";)
script:4:10: error: unknown tagged argument ":notify" for the redirect command (add require "redirect-dsn";)
script:5:10: error: unknown tagged argument ":bytimerelative" for the redirect command (add require "redirect-deliverby";)
