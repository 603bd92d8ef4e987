# RFC 5703: foreverypart, mime, extracttext
=== s. 4.1: the third example; size is that of the message
--- script
require ["mime", "foreverypart", "fileinto"];
foreverypart
{
    if allof (
      header :mime :param "filename" :contains
         "Content-Disposition" "important",
      header :mime :subtype "Content-Type" "pdf",
      size :over "100")
    {
        fileinto "INBOX.important";
        break;
    }
}
--- errors
script:8:18: error: the size test expects a number as argument 1 (limit), found a string (write: size <limit>)
=== the same with a number
--- script
require ["mime", "foreverypart", "fileinto"];
foreverypart
{
    if allof (
      header :mime :param "filename" :contains
         "Content-Disposition" "important",
      header :mime :subtype "Content-Type" "pdf",
      size :over 100)
    {
        fileinto "INBOX.important";
        break;
    }
}
--- message
From: tim@example.com
To: two@example.com, three@example.com
Subject: outer
Content-Type: multipart/mixed; boundary=b1

prologue
--b1
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable
X-Part: 1

Gr=FC=DFe
second line
--b1
Content-Type: multipart/alternative; boundary=b2
X-Part: 2

--b2
X-Part: 2.1

plain
--b2
Content-Type: TEXT/html
Content-MD5: x
X-Part: 2.2
X-Part: 2.2b

<b>html</b>
--b2--
--b1
Content-Type: application/pdf; name*=utf-8''%e2%82%ac.pdf
Content-Disposition: attachment; filename="very important.pdf"
Content-Transfer-Encoding: base64
Content-From: tim@example.com
X-Part: 3

/wA=
--b1
Content-Type: message/rfc822
X-Part: 4

Subject: =?utf-8?q?inn=C3=A9r?=
X-Part: 4.1

inner body
--b1--
epilogue
--- plan
store "INBOX.important" line 10
--- code
require "mime" "foreverypart" "fileinto"
0000  2:1  parts-begin
0001  2:1  parts-next -> 0011
0002  5:7  header-mime :param ["Content-Disposition"] :contains i;ascii-casemap ["important"] ["filename"]
0003  4:8  jfalse -> 0007
0004  7:7  header-mime :subtype ["Content-Type"] :is i;ascii-casemap ["pdf"]
0005  4:8  jfalse -> 0007
0006  8:7  size :over 100
0007  4:5  jfalse -> 0010
0008  10:9  fileinto "INBOX.important"
0009  11:9  parts-break -> 0011
0010  2:1  parts-again
0011  2:1  parts-end
=== s. 3: all parts, depth first, the message first
--- script
require ["mime", "foreverypart", "variables", "fileinto"];
foreverypart {
  if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
  else { set "l" "${l} -"; }
}
fileinto "${l}";
--- plan
store " - 1 2 2.1 2.2 3 4 4.1" line 6
=== s. 3: nested loops
--- script
require ["mime", "foreverypart", "variables", "fileinto"];
foreverypart {
  if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
  else { set "l" "${l} -"; }
  set "l" "${l}(";
  foreverypart {
    if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
  }
  set "l" "${l})";
}
fileinto "${l}";
--- plan
store " -( 1 2 2.1 2.2 3 4 4.1) 1() 2( 2.1 2.2) 2.1() 2.2() 3() 4( 4.1) 4.1()" line 11
=== s. 3: break, with and without a name, and hidden names
--- script
require ["mime", "foreverypart", "variables", "fileinto"];
foreverypart :name "a" {
  if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
  foreverypart {
    if header :mime "X-Part" "2.1" { break; }
    if header :mime :matches "X-Part" "*" { set "l" "${l} (${1})"; }
  }
  foreverypart :name "b" {
    if header :mime "X-Part" "2.2" { break :name "a"; }
  }
}
set "l" "${l}.";
foreverypart :name "a" {
  foreverypart :name "a" { break :name "a"; }
  if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
}
fileinto "${l}";
--- plan
store " (1) (2). 1 2 2.1 2.2 3 4 4.1" line 17
=== a script that ends in a loop
--- script
require ["mime", "foreverypart", "fileinto"];
foreverypart { foreverypart { fileinto "x"; stop; } }
--- plan
store "x" line 2
=== s. 4.1: outside of a loop
--- script
require ["mime", "fileinto"];
if header :mime :type "Content-Type" "multipart" { fileinto "1"; }
if header :mime :contenttype "Content-Type" "multipart/mixed" { fileinto "2"; }
if header :mime :subtype "Content-Type" "html" { fileinto "no"; }
if header :mime :anychild :subtype "Content-Type" "html" { fileinto "3"; }
if header :mime :anychild :contenttype "Content-Type" "text/html" { fileinto "4"; }
if header :mime :anychild "Subject" "innér" { fileinto "5"; }
if header :mime "Subject" "outer" { fileinto "6"; }
if header :mime :param "boundary" "Content-Type" "b1" { fileinto "7"; }
if header :mime :param "boundary" "Content-Type" "b2" { fileinto "no"; }
if header :mime :anychild :param ["x", "BOUNDARY"] "Content-Type" "b2" { fileinto "8"; }
if header :mime :anychild :param "name" "Content-Type" "€.pdf" { fileinto "9"; }
if header :mime :anychild :type "Content-Disposition" "attachment" { fileinto "10"; }
if header :mime :anychild :contenttype "Content-Disposition" "attachment" { fileinto "11"; }
if header :mime :anychild :subtype "Content-Disposition" "attachment" { fileinto "no"; }
if header :mime :anychild :subtype "Content-Disposition" "" { fileinto "12"; }
if header :mime :type "Subject" "" { fileinto "13"; }
if header :mime :type "X-None" "" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 5
store "4" line 6
store "5" line 7
store "6" line 8
store "7" line 9
store "8" line 11
store "9" line 12
store "10" line 13
store "11" line 14
store "12" line 16
store "13" line 17
--- code
require "mime" "fileinto"
0000  2:4  header-mime :type ["Content-Type"] :is i;ascii-casemap ["multipart"]
0001  2:1  jfalse -> 0003
0002  2:52  fileinto "1"
0003  3:4  header-mime :contenttype ["Content-Type"] :is i;ascii-casemap ["multipart/mixed"]
0004  3:1  jfalse -> 0006
0005  3:65  fileinto "2"
0006  4:4  header-mime :subtype ["Content-Type"] :is i;ascii-casemap ["html"]
0007  4:1  jfalse -> 0009
0008  4:50  fileinto "no"
0009  5:4  header-mime :anychild :subtype ["Content-Type"] :is i;ascii-casemap ["html"]
0010  5:1  jfalse -> 0012
0011  5:60  fileinto "3"
0012  6:4  header-mime :anychild :contenttype ["Content-Type"] :is i;ascii-casemap ["text/html"]
0013  6:1  jfalse -> 0015
0014  6:69  fileinto "4"
0015  7:4  header-mime :anychild ["Subject"] :is i;ascii-casemap ["innér"]
0016  7:1  jfalse -> 0018
0017  7:48  fileinto "5"
0018  8:4  header-mime ["Subject"] :is i;ascii-casemap ["outer"]
0019  8:1  jfalse -> 0021
0020  8:37  fileinto "6"
0021  9:4  header-mime :param ["Content-Type"] :is i;ascii-casemap ["b1"] ["boundary"]
0022  9:1  jfalse -> 0024
0023  9:57  fileinto "7"
0024  10:4  header-mime :param ["Content-Type"] :is i;ascii-casemap ["b2"] ["boundary"]
0025  10:1  jfalse -> 0027
0026  10:57  fileinto "no"
0027  11:4  header-mime :anychild :param ["Content-Type"] :is i;ascii-casemap ["b2"] ["x", "BOUNDARY"]
0028  11:1  jfalse -> 0030
0029  11:74  fileinto "8"
0030  12:4  header-mime :anychild :param ["Content-Type"] :is i;ascii-casemap ["€.pdf"] ["name"]
0031  12:1  jfalse -> 0033
0032  12:68  fileinto "9"
0033  13:4  header-mime :anychild :type ["Content-Disposition"] :is i;ascii-casemap ["attachment"]
0034  13:1  jfalse -> 0036
0035  13:70  fileinto "10"
0036  14:4  header-mime :anychild :contenttype ["Content-Disposition"] :is i;ascii-casemap ["attachment"]
0037  14:1  jfalse -> 0039
0038  14:77  fileinto "11"
0039  15:4  header-mime :anychild :subtype ["Content-Disposition"] :is i;ascii-casemap ["attachment"]
0040  15:1  jfalse -> 0042
0041  15:73  fileinto "no"
0042  16:4  header-mime :anychild :subtype ["Content-Disposition"] :is i;ascii-casemap [""]
0043  16:1  jfalse -> 0045
0044  16:63  fileinto "12"
0045  17:4  header-mime :type ["Subject"] :is i;ascii-casemap [""]
0046  17:1  jfalse -> 0048
0047  17:38  fileinto "13"
0048  18:4  header-mime :type ["X-None"] :is i;ascii-casemap [""]
0049  18:1  jfalse -> 0051
0050  18:37  fileinto "no"
=== s. 4.1: inside of a loop, with :anychild
--- script
require ["mime", "foreverypart", "variables", "fileinto"];
foreverypart {
  if header :mime :anychild "X-Part" "2.2" {
    if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
  }
  if header "X-Part" "2.2" { set "l" "never"; }
  if header "Subject" "outer" { set "m" "${m}+"; }
}
fileinto "${l}${m}";
--- plan
store " 2 2.2++++++++" line 9
=== s. 4.1: :count
--- script
require ["mime", "fileinto", "relational", "comparator-i;ascii-numeric"];
if header :mime :anychild :count "eq" :comparator "i;ascii-numeric" :type "Content-Type" "6" { fileinto "1"; }
if header :mime :anychild :count "eq" :comparator "i;ascii-numeric" :param "boundary" "Content-Type" "2" { fileinto "2"; }
if header :mime :anychild :count "eq" :comparator "i;ascii-numeric" "X-Part" "8" { fileinto "3"; }
if header :mime :count "eq" :comparator "i;ascii-numeric" "X-Part" "0" { fileinto "4"; }
if address :mime :anychild :count "eq" :comparator "i;ascii-numeric" ["To", "Content-From"] "3" { fileinto "5"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
=== RFC 5260: :index counts in each part
--- script
require ["mime", "fileinto", "index"];
if header :mime :anychild :index 2 "X-Part" "2.2b" { fileinto "1"; }
if header :mime :anychild :index 1 "X-Part" "2.2b" { fileinto "no"; }
if header :mime :anychild :index 1 :last "X-Part" "2.2b" { fileinto "2"; }
if header :mime :anychild :index 3 "X-Part" "2.2b" { fileinto "no"; }
if address :mime :index 1 :last ["From", "To"] "three@example.com" { fileinto "3"; }
--- plan
store "1" line 2
store "2" line 4
store "3" line 6
--- code
require "mime" "fileinto" "index"
0000  2:4  header-mime :anychild 2 ["X-Part"] :is i;ascii-casemap ["2.2b"]
0001  2:1  jfalse -> 0003
0002  2:54  fileinto "1"
0003  3:4  header-mime :anychild 1 ["X-Part"] :is i;ascii-casemap ["2.2b"]
0004  3:1  jfalse -> 0006
0005  3:54  fileinto "no"
0006  4:4  header-mime :last :anychild 1 ["X-Part"] :is i;ascii-casemap ["2.2b"]
0007  4:1  jfalse -> 0009
0008  4:60  fileinto "2"
0009  5:4  header-mime :anychild 3 ["X-Part"] :is i;ascii-casemap ["2.2b"]
0010  5:1  jfalse -> 0012
0011  5:54  fileinto "no"
0012  6:4  address-mime :last 1 :all ["From", "To"] :is i;ascii-casemap ["three@example.com"]
0013  6:1  jfalse -> 0015
0014  6:70  fileinto "3"
=== s. 4.2: address
--- script
require ["mime", "fileinto", "foreverypart"];
if address :mime :is :all "content-from" "tim@example.com" { fileinto "no"; }
if address :mime :anychild :is :all "content-from" "tim@example.com" { fileinto "1"; }
if address :mime :localpart "from" "tim" { fileinto "2"; }
foreverypart {
  if address :mime :domain "content-from" "example.com" { fileinto "3"; break; }
  if address :domain "from" "example.com" { fileinto "4"; }
}
--- plan
store "1" line 3
store "2" line 4
store "4" line 7
store "3" line 6
=== s. 4.3: exists
--- script
require ["mime", "fileinto", "foreverypart", "variables"];
if exists :mime "content-md5" { fileinto "no"; }
if exists :mime :anychild "content-md5" { fileinto "1"; }
if exists :mime :anychild ["content-md5", "content-from"] { fileinto "2"; }
if exists :mime :anychild ["content-md5", "content-none"] { fileinto "no"; }
foreverypart {
  if exists :mime "content-md5" { set "n" "${n}+"; }
  if exists "content-md5" { set "n" "never"; }
}
fileinto "${n}";
--- plan
store "1" line 3
store "2" line 4
store "+" line 10
=== s. 7: extracttext
--- script
require ["mime", "variables", "extracttext", "foreverypart", "fileinto"];
foreverypart {
  if header :mime :matches "X-Part" "*" { set "n" "${1}"; } else { set "n" "-"; }
  extracttext "t";
  extracttext :first 3 "u";
  extracttext :first 4 :upper "v";
  extracttext :length "w";
  if string :matches "${t}" "Gr*" { set "l" "${l}[${u}][${v}][${w}]"; }
  if string "${n}" ["2.1", "2.2", "3", "4.1", "-", "2"] { set "l" "${l}[${n} ${t}]"; }
}
fileinto "${l}";
--- plan
store "[- ][Grü][GRüß][18][2 ][2.1 plain][2.2 <b>html</b>][3 ][4.1 inner body]" line 11
--- code
require "mime" "variables" "extracttext" "foreverypart" "fileinto"
0000  2:1  parts-begin
0001  2:1  parts-next -> 0018
0002  3:6  header-mime ["X-Part"] :matches i;ascii-casemap ["*"]
0003  3:3  jfalse -> 0006
0004  3:43  set "n" "${1}"
0005  3:3  jump -> 0007
0006  3:68  set "n" "-"
0007  4:3  extracttext "t"
0008  5:3  extracttext :first 3 "u"
0009  6:3  extracttext :first :upper 4 "v"
0010  7:3  extracttext :length "w"
0011  8:6  string ["${t}"] :matches i;ascii-casemap ["Gr*"]
0012  8:3  jfalse -> 0014
0013  8:37  set "l" "${l}[${u}][${v}][${w}]"
0014  9:6  string ["${n}"] :is i;ascii-casemap ["2.1", "2.2", "3", "4.1", "-", "2"]
0015  9:3  jfalse -> 0017
0016  9:59  set "l" "${l}[${n} ${t}]"
0017  2:1  parts-again
0018  2:1  parts-end
0019  11:1  fileinto "${l}"
=== s. 9.3: example 3
--- script
require ["mime", "variables", "extracttext", "foreverypart", "enotify"];
if header :contains "from" "tim@example.com"
{
  # :matches is used to get the value of the Subject header
  if header :matches "Subject" "*"
  {
    set "subject" "${1}";
  }

  # extract the first 100 characters of the first text/* part
  foreverypart
  {
    if header :mime :type :is "Content-Type" "text"
    {
      extracttext :first 100 "msgcontent";
      break;
    }
  }

  # if it's not a 'for your information' message
  if not header :contains "subject" "FYI:"
  {
    notify :message "${subject}: ${msgcontent}" "mailto:me@example.org";
  }
}
--- plan
notify "mailto:me@example.org" line 23 importance 2 message "outer: Grüße\r\nsecond line"
store "INBOX" implicit
=== an edited header is that of the first part
--- script
require ["mime", "foreverypart", "editheader", "fileinto"];
addheader "X-New" "a";
if header :mime "X-New" "a" { fileinto "1"; }
foreverypart { if header :mime "X-New" "a" { fileinto "2"; } break; }
if exists :mime :anychild "X-New" { fileinto "3"; }
--- plan
store "1" line 3 edited
store "2" line 4 edited
store "3" line 5 edited
=== included scripts are outside of the loop
--- script
require ["mime", "foreverypart", "include", "variables", "fileinto"];
global "l";
foreverypart {
  if header :mime "X-Part" "3" { include "sub"; }
  if header :mime :matches "X-Part" "*" { set "l" "${l} ${1}"; }
}
fileinto "${l}";
--- file sub.sieve
require ["mime", "foreverypart", "variables", "include"];
global "l";
if header :mime "Subject" "outer" { set "l" "${l} [outer]"; }
foreverypart { if header :mime "X-Part" "1" { set "l" "${l} [1]"; return; } }
--- plan
store " 1 2 2.1 2.2 [outer] [1] 3 4 4.1" line 7
=== no MIME at all
--- script
require ["mime", "variables", "extracttext", "foreverypart", "fileinto"];
foreverypart { extracttext :first 4 "t"; set "n" "${n}+"; foreverypart { set "n" "never"; } }
fileinto "${n} ${t}";
if header :mime :anychild :type "Content-Type" "" { fileinto "no"; }
--- message
Subject: x

body
--- plan
store "+ body" line 3
=== errors
--- script
require ["mime", "variables", "extracttext", "foreverypart"];
break;
foreverypart { break :name "a"; }
foreverypart :name "a" { break :name "a"; break :name ""; break 1; }
foreverypart;
foreverypart "a" { }
foreverypart :name 1 { }
foreverypart :name "${x}" { }
extracttext "a";
foreverypart { extracttext "1a"; extracttext; extracttext :first "a" "b"; extracttext :lower :upper "a"; }
if header :anychild "a" "b" { stop; }
if header :type "a" "b" { stop; }
if header :mime :type :subtype "a" "b" { stop; }
if header :mime :param "a" :type "b" "c" { stop; }
if header :mime :param 1 "b" "c" { stop; }
if exists :mime :type "a" { stop; }
if address :mime :param "x" "to" "a" { stop; }
if address "content-from" "a" { stop; }
if size :mime :over 1 { stop; }
--- errors
script:2:1: error: "break" stands in no foreverypart
script:3:16: error: "break" stands in no foreverypart with the name "a"
script:4:65: error: the break command requires 0 positional arguments, found 1 (write: break)
script:5:1: error: the foreverypart command needs a block: { ... } (put what is to be done between { and })
script:6:14: error: the foreverypart command requires 0 positional arguments, found 1 (write: foreverypart)
script:7:20: error: tag ":name" must be followed by a string, found a number (write: :name "text")
script:8:20: error: the name of a loop must be constant: no variables
script:9:1: error: extracttext stands in no foreverypart
script:10:28: error: invalid variable name "1a" (letters, digits and "_", no digit first)
script:10:34: error: the extracttext command requires 1 positional argument, found 0 (write: extracttext <varname>)
script:10:66: error: tag ":first" must be followed by a number, found a string (write: :first 7)
script:10:94: error: tag ":upper" cannot be used together with ":lower" (remove one of them)
script:11:11: error: tag ":anychild" cannot be used without ":mime" (add :mime)
script:12:11: error: tag ":type" cannot be used without ":mime" (add :mime)
script:13:23: error: tag ":subtype" cannot be used together with ":type" (remove one of them)
script:14:28: error: tag ":type" cannot be used together with ":param" (remove one of them)
script:15:24: error: tag ":param" must be followed by a string list, found a number (write: :param ["text", "text"])
script:16:17: error: unknown tagged argument ":type" for the exists test (it is a tag of: header)
script:17:18: error: unknown tagged argument ":param" for the address test (it is a tag of: header)
script:18:12: error: header "content-from" holds no addresses (use the header test for it)
script:19:9: error: unknown tagged argument ":mime" for the size test (it is a tag of: header)
=== extracttext needs variables
--- script
require ["extracttext", "foreverypart"];
foreverypart { extracttext "a"; }
--- errors
script:2:16: error: extracttext needs variables (add require "variables";)
=== found by ihave
--- script
require ["ihave", "fileinto"];
if ihave ["foreverypart", "mime"] {
  foreverypart { if header :mime :type "Content-Type" "text" { fileinto "a"; break; } }
}
--- message
Content-Type: text/plain

x
--- plan
store "a" line 3
