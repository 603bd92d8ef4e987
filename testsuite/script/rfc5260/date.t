# RFC 5260 s. 4 and 5: date. The local zone of these tests is +0530, in
# summer (from the last Sunday of March to that of October) +0630.
=== s. 4.2: all parts, in the original zone
--- script
require ["date", "fileinto"];
if date :originalzone "date" "year" "2007" { fileinto "year"; }
if date :originalzone "date" "month" "02" { fileinto "month"; }
if date :originalzone "date" "day" "05" { fileinto "day"; }
if date :originalzone "date" "date" "2007-02-05" { fileinto "date"; }
if date :originalzone "date" "julian" "54136" { fileinto "julian"; }
if date :originalzone "date" "hour" "04" { fileinto "hour"; }
if date :originalzone "date" "minute" "03" { fileinto "minute"; }
if date :originalzone "date" "second" "02" { fileinto "second"; }
if date :originalzone "date" "time" "04:03:02" { fileinto "time"; }
if date :originalzone "date" "iso8601" "2007-02-05T04:03:02-08:00" { fileinto "iso8601"; }
if date :originalzone "date" "std11" "Mon, 05 Feb 2007 04:03:02 -0800" { fileinto "std11"; }
if date :originalzone "date" "zone" "-0800" { fileinto "zone"; }
if date :originalzone "DATE" "WeekDay" "1" { fileinto "weekday"; }
--- message
Date: Mon, 5 Feb 2007 04:03:02 -0800 (PST)
Received: from a by b; Sun, 4 Mar 2007 01:00:00 +0000
Received: from c by a (x; y) id z;
 Sat, 3 Mar 2007 20:00:00 +0000
Received: from d by c; Fri, 30 Feb 2007 20:00:00 +0000
X-Zulu: 1 Jan 2007 00:00:00 -0000
X-Summer: 1 Jul 2007 23:30:00 +0000
X-Winter: 1 Dec 2007 23:30:00 +0000
X-Leap: 31 Dec 1998 23:59:60 +0000
X-Text: yesterday at noon
X-Empty:
Subject: x

body
--- plan
store "year" line 2
store "month" line 3
store "day" line 4
store "date" line 5
store "julian" line 6
store "hour" line 7
store "minute" line 8
store "second" line 9
store "time" line 10
store "iso8601" line 11
store "std11" line 12
store "zone" line 13
store "weekday" line 14
=== s. 4.1: another zone
--- script
require ["date", "fileinto"];
if date :zone "+0530" "date" "iso8601" "2007-02-05T17:33:02+05:30" { fileinto "1"; }
if date :zone "-1200" "date" "iso8601" "2007-02-05T00:03:02-12:00" { fileinto "2"; }
if date :zone "+1300" "date" "iso8601" "2007-02-06T01:03:02+13:00" { fileinto "3"; }
if date :zone "+0000" "date" "iso8601" "2007-02-05T12:03:02Z" { fileinto "4"; }
if date :zone "-0000" "date" "zone" "+0000" { fileinto "5"; }
if date :zone "+1300" "date" "zone" "+1300" { fileinto "6"; }
if date :zone "-0130" "date" "std11" "Mon, 05 Feb 2007 10:33:02 -0130" { fileinto "7"; }
if date :zone "+1300" "date" "weekday" "2" { fileinto "8"; }
if date :zone "+1300" "date" "julian" "54137" { fileinto "9"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "7" line 8
store "8" line 9
store "9" line 10
--- code
require "date" "fileinto"
0000  2:4  date "date" "+0530" "iso8601" :is i;ascii-casemap ["2007-02-05T17:33:02+05:30"]
0001  2:1  jfalse -> 0003
0002  2:70  fileinto "1"
0003  3:4  date "date" "-1200" "iso8601" :is i;ascii-casemap ["2007-02-05T00:03:02-12:00"]
0004  3:1  jfalse -> 0006
0005  3:70  fileinto "2"
0006  4:4  date "date" "+1300" "iso8601" :is i;ascii-casemap ["2007-02-06T01:03:02+13:00"]
0007  4:1  jfalse -> 0009
0008  4:70  fileinto "3"
0009  5:4  date "date" "+0000" "iso8601" :is i;ascii-casemap ["2007-02-05T12:03:02Z"]
0010  5:1  jfalse -> 0012
0011  5:65  fileinto "4"
0012  6:4  date "date" "-0000" "zone" :is i;ascii-casemap ["+0000"]
0013  6:1  jfalse -> 0015
0014  6:47  fileinto "5"
0015  7:4  date "date" "+1300" "zone" :is i;ascii-casemap ["+1300"]
0016  7:1  jfalse -> 0018
0017  7:47  fileinto "6"
0018  8:4  date "date" "-0130" "std11" :is i;ascii-casemap ["Mon, 05 Feb 2007 10:33:02 -0130"]
0019  8:1  jfalse -> 0021
0020  8:74  fileinto "7"
0021  9:4  date "date" "+1300" "weekday" :is i;ascii-casemap ["2"]
0022  9:1  jfalse -> 0024
0023  9:46  fileinto "8"
0024  10:4  date "date" "+1300" "julian" :is i;ascii-casemap ["54137"]
0025  10:1  jfalse -> 0027
0026  10:49  fileinto "9"
=== s. 4.1: the local zone, as it was at that time
--- script
require ["date", "fileinto"];
if date "date" "iso8601" "2007-02-05T17:33:02+05:30" { fileinto "1"; }
if date "date" "zone" "+0530" { fileinto "2"; }
if date "x-summer" "iso8601" "2007-07-02T06:00:00+06:30" { fileinto "3"; }
if date "x-winter" "iso8601" "2007-12-02T05:00:00+05:30" { fileinto "4"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
=== s. 4.2: zero is positive, and Z
--- script
require ["date", "fileinto"];
if date :originalzone "x-zulu" "zone" "+0000" { fileinto "1"; }
if date :originalzone "x-zulu" "iso8601" "2007-01-01T00:00:00Z" { fileinto "2"; }
if date :originalzone "x-zulu" "std11" "Mon, 01 Jan 2007 00:00:00 +0000" { fileinto "3"; }
if date :originalzone "x-zulu" "weekday" "1" { fileinto "4"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
=== s. 4.2: a leap second
--- script
require ["date", "fileinto"];
if date :zone "+0100" "x-leap" "iso8601" "1999-01-01T00:59:60+01:00" { fileinto "1"; }
if date :zone "+0100" "x-leap" "second" "60" { fileinto "2"; }
--- plan
store "1" line 2
store "2" line 3
=== s. 4: only the first field; the date behind the semicolon
--- script
require ["date", "fileinto"];
if date :originalzone "received" "date" "2007-03-04" { fileinto "1"; }
if date :originalzone "received" "date" "2007-03-03" { fileinto "no"; }
--- plan
store "1" line 2
=== s. 6: with index
--- script
require ["date", "index", "fileinto"];
if date :index 1 :originalzone "received" "date" "2007-03-04" { fileinto "1"; }
if date :index 2 :originalzone "received" "date" "2007-03-03" { fileinto "2"; }
if date :last :originalzone :index 2 "received" "date" "2007-03-03" { fileinto "3"; }
if date :index 3 :last :zone "+0000" "received" "hour" "01" { fileinto "4"; }
if date :index 4 :matches "received" "date" "*" { fileinto "no"; }
if date :index 1 :last :matches "received" "date" "*" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
--- code
require "date" "index" "fileinto"
0000  2:4  date :originalzone 1 "received" "date" :is i;ascii-casemap ["2007-03-04"]
0001  2:1  jfalse -> 0003
0002  2:65  fileinto "1"
0003  3:4  date :originalzone 2 "received" "date" :is i;ascii-casemap ["2007-03-03"]
0004  3:1  jfalse -> 0006
0005  3:65  fileinto "2"
0006  4:4  date :originalzone :last 2 "received" "date" :is i;ascii-casemap ["2007-03-03"]
0007  4:1  jfalse -> 0009
0008  4:71  fileinto "3"
0009  5:4  date :last 3 "received" "+0000" "hour" :is i;ascii-casemap ["01"]
0010  5:1  jfalse -> 0012
0011  5:63  fileinto "4"
0012  6:4  date 4 "received" "date" :matches i;ascii-casemap ["*"]
0013  6:1  jfalse -> 0015
0014  6:51  fileinto "no"
0015  7:4  date :last 1 "received" "date" :matches i;ascii-casemap ["*"]
0016  7:1  jfalse -> 0018
0017  7:57  fileinto "no"
=== s. 4: no field, no date, no day of the calendar: always false
--- script
require ["date", "fileinto"];
if date :matches "x-none" "date" "*" { fileinto "no"; }
if date :matches "x-text" "date" "*" { fileinto "no"; }
if date :contains "x-empty" "date" "" { fileinto "no"; }
if date :matches "subject" "date" "*" { fileinto "no"; }
if date :matches "no header name" "date" "*" { fileinto "no"; }
--- plan
store "INBOX" implicit
=== s. 4.4: the second example
--- script
require ["date", "fileinto"];
if anyof(date :is "received" "weekday" "0",
         date :is "received" "weekday" "6")
{ fileinto "weekend"; }
--- plan
store "weekend" line 4
=== s. 4.3: comparators
--- script
require ["date", "fileinto", "comparator-i;ascii-numeric"];
if date :comparator "i;ascii-numeric" :originalzone "date" "julian" "054136" { fileinto "1"; }
if date :comparator "i;ascii-numeric" :originalzone "date" "month" "2" { fileinto "2"; }
if date :originalzone "date" "month" "2" { fileinto "no"; }
if date :originalzone "date" "std11" "mon, 05 feb 2007 04:03:02 -0800" { fileinto "3"; }
if date :comparator "i;octet" :originalzone "date" "std11" "mon, 05 feb 2007 04:03:02 -0800" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 5
=== s. 5: now
--- script
require ["date", "fileinto"];
if currentdate :zone "+0000" "iso8601" "2007-06-30T12:34:56Z" { fileinto "1"; }
if currentdate :zone "-0500" "time" "07:34:56" { fileinto "2"; }
if currentdate "iso8601" "2007-06-30T19:04:56+06:30" { fileinto "3"; }
if currentdate "zone" "+0630" { fileinto "4"; }
if currentdate :matches "year" "20??" { fileinto "5"; }
if currentdate :zone "+0000" "weekday" "6" { fileinto "6"; }
if currentdate :zone "+0000" "std11" "Sat, 30 Jun 2007 12:34:56 +0000" { fileinto "7"; }
if currentdate :zone "+0000" "julian" "54281" { fileinto "8"; }
--- options
--now 1183206896
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "7" line 8
store "8" line 9
--- code
require "date" "fileinto"
0000  2:4  currentdate "iso8601" "+0000" :is i;ascii-casemap ["2007-06-30T12:34:56Z"]
0001  2:1  jfalse -> 0003
0002  2:65  fileinto "1"
0003  3:4  currentdate "time" "-0500" :is i;ascii-casemap ["07:34:56"]
0004  3:1  jfalse -> 0006
0005  3:50  fileinto "2"
0006  4:4  currentdate "iso8601" :is i;ascii-casemap ["2007-06-30T19:04:56+06:30"]
0007  4:1  jfalse -> 0009
0008  4:56  fileinto "3"
0009  5:4  currentdate "zone" :is i;ascii-casemap ["+0630"]
0010  5:1  jfalse -> 0012
0011  5:33  fileinto "4"
0012  6:4  currentdate "year" :matches i;ascii-casemap ["20??"]
0013  6:1  jfalse -> 0015
0014  6:41  fileinto "5"
0015  7:4  currentdate "weekday" "+0000" :is i;ascii-casemap ["6"]
0016  7:1  jfalse -> 0018
0017  7:46  fileinto "6"
0018  8:4  currentdate "std11" "+0000" :is i;ascii-casemap ["Sat, 30 Jun 2007 12:34:56 +0000"]
0019  8:1  jfalse -> 0021
0020  8:74  fileinto "7"
0021  9:4  currentdate "julian" "+0000" :is i;ascii-casemap ["54281"]
0022  9:1  jfalse -> 0024
0023  9:49  fileinto "8"
=== s. 5.1: the first example, without relational
--- script
require ["date"];
if anyof(currentdate :is "weekday" "0",
         currentdate :is "weekday" "6",
         currentdate :is "hour" ["00", "01", "02"])
{ redirect "pager@example.com"; }
--- options
--now 1183206896
--- plan
redirect "pager@example.com" line 5
=== the beginning and the end of time
--- script
require ["date", "fileinto"];
if currentdate :zone "+0000" "iso8601" "1970-01-01T00:00:00Z" { fileinto "1"; }
if currentdate :zone "-0100" "year" "1969" { fileinto "2"; }
--- options
--now 0
--- plan
store "1" line 2
store "2" line 3
=== a year beyond 9999 matches nothing
--- script
require ["date", "fileinto"];
if currentdate :matches "year" "*" { fileinto "no"; }
--- options
--now 9223372036854775807
--- plan
store "INBOX" implicit
=== errors
--- script
require "date";
if date :zone "+0100" :originalzone "date" "year" "a" { stop; }
if date :originalzone :zone "+0100" "date" "year" "a" { stop; }
if date :zone "0100" "date" "year" "a" { stop; }
if date :zone "GMT" "date" "year" "a" { stop; }
if date :zone "+01:00" "date" "year" "a" { stop; }
if date :zone "+0060" "date" "year" "a" { stop; }
if date :zone "" "date" "year" "a" { stop; }
if date :zone ["+0100"] "date" "year" "a" { stop; }
if date :zone 100 "date" "year" "a" { stop; }
if date "date" "yaer" "a" { stop; }
if date ["date", "received"] "year" "a" { stop; }
if date "date" ["year"] "a" { stop; }
if date "date" "a" { stop; }
if date "date" "year" 2007 { stop; }
if currentdate "yaer" "a" { stop; }
if currentdate :originalzone "year" "a" { stop; }
if currentdate :zone "x" "year" "a" { stop; }
if currentdate "year" { stop; }
if date :index 1 "date" "year" "a" { stop; }
--- errors
script:2:23: error: tag ":originalzone" cannot be used together with ":zone" (remove one of them)
script:3:23: error: tag ":zone" cannot be used together with ":originalzone" (remove one of them)
script:4:15: error: "0100" is not a time zone (write it like "+0100")
script:5:15: error: "GMT" is not a time zone (write it like "+0100")
script:6:15: error: "+01:00" is not a time zone (write it like "+0100")
script:7:15: error: "+0060" is not a time zone (write it like "+0100")
script:8:15: error: "" is not a time zone (write it like "+0100")
script:9:15: error: tag ":zone" must be followed by a string, found a string list (write: :zone "text")
script:10:15: error: tag ":zone" must be followed by a string, found a number (write: :zone "text")
script:11:16: error: unknown part of a date: "yaer" (year month day date julian hour minute second time iso8601 std11 zone weekday)
script:12:9: error: the date test expects a string as argument 1 (header-name), found a string list (write: date <header-name> <date-part> <key-list>)
script:13:16: error: the date test expects a string as argument 2 (date-part), found a string list (write: date <header-name> <date-part> <key-list>)
script:14:4: error: the date test requires 3 positional arguments, found 2 (write: date <header-name> <date-part> <key-list>)
script:15:23: error: the date test expects a string list as argument 3 (key-list), found a number (write: date <header-name> <date-part> <key-list>)
script:16:16: error: unknown part of a date: "yaer" (year month day date julian hour minute second time iso8601 std11 zone weekday)
script:17:16: error: unknown tagged argument ":originalzone" for the currentdate test (it is a tag of: date)
script:18:22: error: "x" is not a time zone (write it like "+0100")
script:19:4: error: the currentdate test requires 2 positional arguments, found 1 (write: currentdate <date-part> <key-list>)
script:20:9: error: unknown tagged argument ":index" for the date test (add require "index";)
=== index on currentdate
--- script
require ["date", "index"];
if currentdate :index 1 "year" "a" { stop; }
--- errors
script:2:16: error: unknown tagged argument ":index" for the currentdate test (it is a tag of: header address date)
=== not required
--- script
if date "date" "year" "a" { stop; }
if currentdate "year" "a" { stop; }
--- errors
script:1:4: error: unknown test "date" (add require "date";)
script:2:4: error: unknown test "currentdate" (add require "date";)
=== s. 4.4 and 5.1: with relational
--- script
require ["date", "relational", "fileinto", "index"];
if date :value "ge" :originalzone "date" "hour" "04" { fileinto "1"; }
if date :value "lt" :originalzone "date" "hour" "04" { fileinto "no"; }
if date :value "gt" :index 2 :zone "-0500" "received"
        "iso8601" "2007-02-26T09:00:00-05:00"
{ redirect "aftercutoff@example.org"; }
if anyof(currentdate :is "weekday" "0",
         currentdate :is "weekday" "6",
         currentdate :value "lt" "hour" "09",
         currentdate :value "ge" "hour" "17")
{ redirect "pager@example.com"; }
if allof(currentdate :value "ge" "date" "2007-06-30",
         currentdate :value "le" "date" "2007-07-07") { fileinto "2"; }
--- options
--now 1183206896
--- plan
store "1" line 2
redirect "aftercutoff@example.org" line 6
redirect "pager@example.com" line 11
store "2" line 13
=== s. 4, 5: count
--- script
require ["date", "relational", "comparator-i;ascii-numeric", "fileinto", "index"];
if date :count "eq" :comparator "i;ascii-numeric" "date" "year" "1" { fileinto "1"; }
if date :count "eq" :comparator "i;ascii-numeric" "x-text" "year" "0" { fileinto "2"; }
if date :count "eq" :comparator "i;ascii-numeric" "x-none" "year" "0" { fileinto "3"; }
if date :count "eq" :comparator "i;ascii-numeric" "received" "year" "1" { fileinto "4"; }
if currentdate :count "eq" :comparator "i;ascii-numeric" "year" "1" { fileinto "5"; }
if header :count "eq" :index 2 :comparator "i;ascii-numeric" "received" "1" { fileinto "6"; }
if header :count "eq" :index 9 :comparator "i;ascii-numeric" "received" "0" { fileinto "7"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "7" line 8
=== s. 5.1: with variables
--- script
require ["date", "variables", "fileinto"];
if currentdate :matches "month" "*" { set "month" "${1}"; }
if currentdate :matches "year"  "*" { set "year"  "${1}"; }
fileinto "${month}-${year}";
--- options
--now 1183206896
--- plan
store "06-2007" line 4
=== zone, part and header from variables
--- script
require ["date", "variables", "fileinto"];
set "z" "+0100"; set "p" "zone"; set "h" "date";
if date :zone "${z}" "${h}" "${p}" "${z}" { fileinto "1"; }
if currentdate :zone "${z}" "${p}" "${z}" { fileinto "2"; }
--- plan
store "1" line 3
store "2" line 4
=== a zone from a variable that is none
--- script
require ["date", "variables", "fileinto"];
if date :zone "${z}" "date" "year" "2007" { fileinto "1"; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: this is not a time zone: use +hhmm
=== a part from a variable that is none
--- script
require ["date", "variables", "fileinto"];
if date "date" "x${p}" "2007" { fileinto "1"; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: there is no such part of a date
