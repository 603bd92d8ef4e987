# RFC 5490 s. 3.3 to 4.2: mboxmetadata, servermetadata. What there is, is
# --metadata.
=== s. 3.3: the example
--- script
require ["mboxmetadata", "vacation"];
if metadata :is "INBOX"
   "/private/vendor/vendor.isode/auto-replies" "on" {
    vacation text:
I'm away on holidays till March 2009.
Expect a delay.
.
;
}
--- message
Subject: Hello
From: a@mail.example.org

body
--- options
--metadata INBOX:/private/vendor/vendor.isode/auto-replies=on
--- plan
reply "" line 4 seconds 604800 id "text 9e6c37898f1de5bae157697162247bd649ea01e0b27c1e4259df037eb1f6bbef" reason "I'm away on holidays till March 2009.\r\nExpect a delay.\r\n"
store "INBOX" implicit
--- code
require "mboxmetadata" "vacation"
0000  2:4  metadata "INBOX" "/private/vendor/vendor.isode/auto-replies" :is i;ascii-casemap ["on"]
0001  2:1  jfalse -> 0003
0002  4:5  vacation "I'm away on holidays till March 2009.\r\nExpect a delay.\r\n"
=== s. 3.3, 3.4: values, and that there are some
--- script
require ["mboxmetadata", "fileinto", "relational", "comparator-i;ascii-numeric"];
if metadata "INBOX" "/private/comment" "hello" { fileinto "1"; }
if metadata :comparator "i;octet" "INBOX" "/private/comment" "hello" { fileinto "no"; }
if metadata :contains "INBOX" "/PRIVATE/comment" ["x", "ell"] { fileinto "2"; }
if metadata :count "eq" :comparator "i;ascii-numeric" "INBOX" "/private/comment" "1" { fileinto "3"; }
if metadata :count "eq" :comparator "i;ascii-numeric" "INBOX" "/private/none" "0" { fileinto "4"; }
if metadata "INBOX" "/shared/empty" "" { fileinto "5"; }
if metadata "INBOX" "/private/none" "" { fileinto "no"; }
if metadata "Work" "/private/comment" "Hello" { fileinto "no"; }
if metadata "" "/private/comment" "server" { fileinto "no"; }
if metadataexists "INBOX" "/private/comment" { fileinto "6"; }
if metadataexists "INBOX" ["/shared/empty", "/private/comment"] { fileinto "7"; }
if metadataexists "INBOX" ["/private/comment", "/private/none"] { fileinto "no"; }
if metadataexists "" "/private/comment" { fileinto "no"; }
if metadataexists "INBOX" "/private//x" { fileinto "no"; }
if metadataexists "INBOX" "private/x" { fileinto "no"; }
if metadataexists "INBOX" "/private/x/" { fileinto "no"; }
if metadataexists "INBOX" "/private/*" { fileinto "no"; }
--- options
--metadata INBOX:/private/comment=Hello,INBOX:/shared/empty=,:/private/comment=server,INBOX:private/x=1,INBOX:/private//x=1,INBOX:/private/x/=1,INBOX:/private/*=1
--- plan
store "1" line 2
store "2" line 4
store "3" line 5
store "4" line 6
store "5" line 7
store "6" line 11
store "7" line 12
=== s. 4.1: the example
--- script
require ["enotify", "servermetadata", "variables", "envelope"];
if servermetadata :matches
   "/private/vendor/vendor.isode/notification-uri" "*" {
    set "notif_uri" "${0}";
}

if not string :is "${notif_uri}" "none" {
    # :matches is used to get the MAIL FROM address
    if envelope :all :matches "from" "*" {
        set "env_from" " [really: ${1}]";
    }

    # :matches is used to get the value of the Subject header
    if header :matches "Subject" "*" {
        set "subject" "${1}";
    }

    # :matches is used to get the address from the From header
    if address :matches :all "from" "*" {
        set "from_addr" "${1}";
    }

    notify :message "${from_addr}${env_from}: ${subject}"
           "${notif_uri}";
}
--- options
--from b@example.net --metadata :/private/vendor/vendor.isode/notification-uri=mailto:me@example.org
--- plan
notify "mailto:me@example.org" line 23 importance 2 message "a@mail.example.org [really: b@example.net]: Hello"
store "INBOX" implicit
=== s. 4.2
--- script
require ["servermetadata", "fileinto"];
if servermetadataexists "/private/comment" { fileinto "1"; }
if servermetadataexists ["/private/comment", "/shared/comment"] { fileinto "no"; }
if servermetadata "/private/comment" "SERVER" { fileinto "2"; }
--- options
--metadata INBOX:/shared/comment=x,:/private/comment=server
--- plan
store "1" line 2
store "2" line 4
=== errors
--- script
require ["mboxmetadata", "servermetadata"];
if metadata "a" "b" { stop; }
if metadata ["a"] "b" "c" { stop; }
if metadata "a" ["b"] "c" { stop; }
if metadata "a" "b" 1 { stop; }
if metadata :is :contains "a" "b" "c" { stop; }
if metadataexists "a" { stop; }
if metadataexists ["a"] "b" { stop; }
if servermetadata "a" { stop; }
if servermetadata ["a"] "b" { stop; }
if servermetadataexists { stop; }
if servermetadataexists "a" "b" { stop; }
--- errors
script:2:4: error: the metadata test requires 3 positional arguments, found 2 (write: metadata <mailbox> <annotation-name> <key-list>)
script:3:13: error: the metadata test expects a string as argument 1 (mailbox), found a string list (write: metadata <mailbox> <annotation-name> <key-list>)
script:4:17: error: the metadata test expects a string as argument 2 (annotation-name), found a string list (write: metadata <mailbox> <annotation-name> <key-list>)
script:5:21: error: the metadata test expects a string list as argument 3 (key-list), found a number (write: metadata <mailbox> <annotation-name> <key-list>)
script:6:17: error: tag ":contains" cannot be used together with ":is" (remove one of them)
script:7:4: error: the metadataexists test requires 2 positional arguments, found 1 (write: metadataexists <mailbox> <annotation-names>)
script:8:19: error: the metadataexists test expects a string as argument 1 (mailbox), found a string list (write: metadataexists <mailbox> <annotation-names>)
script:9:4: error: the servermetadata test requires 2 positional arguments, found 1 (write: servermetadata <annotation-name> <key-list>)
script:10:19: error: the servermetadata test expects a string as argument 1 (annotation-name), found a string list (write: servermetadata <annotation-name> <key-list>)
script:11:4: error: the servermetadataexists test requires 1 positional argument, found 0 (write: servermetadataexists <annotation-names>)
script:12:29: error: the servermetadataexists test requires 1 positional argument, found 2 (write: servermetadataexists <annotation-names>)
=== each is required by its own name
--- script
require ["mailbox", "mboxmetadata"];
if servermetadata "a" "b" { stop; }
--- errors
script:2:4: error: unknown test "servermetadata" (add require "servermetadata";)
