# RFC 5435: enotify, with the method of RFC 5436
=== s. 3.7: example 1, from the boss
--- script
require ["enotify", "fileinto", "variables"];

if header :contains "from" "boss@example.org" {
    notify :importance "1"
        :message "This is probably very important"
                    "mailto:alm@example.com";
    # Don't send any further notifications
    stop;
}

if header :contains "to" "sievemailinglist@example.org" {
    # :matches is used to get the value of the Subject header
    if header :matches "Subject" "*" {
        set "subject" "${1}";
    }

    # :matches is used to get the value of the From header
    if header :matches "From" "*" {
        set "from" "${1}";
    }

    notify :importance "3"
        :message "[SIEVE] ${from}: ${subject}"
        "mailto:alm@example.com";
    fileinto "INBOX.sieve";
}
--- message
From: boss@example.org
To: sievemailinglist@example.org
Subject: Hi

body
--- plan
notify "mailto:alm@example.com" line 4 importance 1 message "This is probably very important"
store "INBOX" implicit
=== s. 3.7: example 1, from others
--- script
require ["enotify", "fileinto", "variables"];
if header :contains "from" "boss@example.org" {
    notify :importance "1" "mailto:alm@example.com";
    stop;
}
if header :contains "to" "sievemailinglist@example.org" {
    if header :matches "Subject" "*" { set "subject" "${1}"; }
    if header :matches "From" "*" { set "from" "${1}"; }
    notify :importance "3"
        :message "[SIEVE] ${from}: ${subject}"
        "mailto:alm@example.com";
    fileinto "INBOX.sieve";
}
--- message
From: someone@example.org
To: sievemailinglist@example.org
Subject: Hi

body
--- plan
notify "mailto:alm@example.com" line 9 importance 3 message "[SIEVE] someone@example.org: Hi"
store "INBOX.sieve" line 12
=== s. 3.7: example 2
--- script
require ["enotify", "fileinto", "variables", "envelope"];

if header :matches "from" "*@*.example.org" {
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
                    "mailto:alm@example.com";
}
--- message
From: someone@mail.example.org
Subject: Hi

body
--- options
--from other@example.net
--- plan
notify "mailto:alm@example.com" line 19 importance 2 message "someone@mail.example.org [really: other@example.net]: Hi"
store "INBOX" implicit
=== s. 3.7: example 3: a method that is not known fails when it is reached
--- script
require ["enotify", "variables"];
set "notif_method"
"xmpp:tim@example.com?message;subject=SIEVE;body=You%20got%20mail";
if header :contains "subject" "Your dog" {
    set "notif_method" "tel:+14085551212";
}
if header :contains "to" "sievemailinglist@example.org" {
    set "notif_method" "";
}
if not string :is "${notif_method}" "" {
    notify "${notif_method}";
}
--- plan
store "INBOX" implicit
--- errors
script:11:5: error: notify: this method is not supported
=== s. 3.2: the same when it is constant
--- script
require ["enotify"];
if valid_notify_method "xmpp:a@b" { notify "xmpp:a@b"; }
if header "from" "nobody" { notify "tel:+1"; }
notify "mailto:a@b";
notify "http://example.com/";
--- plan
store "INBOX" implicit
--- errors
script:5:1: error: notify: this method is not supported
=== all tags
--- script
require ["enotify"];
notify :from "\"Me\" <me@example.org>" :importance "2" :options ["a=b", "x.y-z_1="]
  :message "ä" "mailto:a@b?subject=x";
--- plan
notify "mailto:a@b?subject=x" line 2 importance 2 from "\"Me\" <me@example.org>" options "a=b" "x.y-z_1=" message "ä"
store "INBOX" implicit
--- code
require "enotify"
0000  2:1  notify :from :importance :message "\"Me\" <me@example.org>" "2" ["a=b", "x.y-z_1="] "ä" "mailto:a@b?subject=x"
=== s. 7: several, with all other actions
--- script
require ["enotify", "vacation"];
notify "mailto:a@b";
discard;
notify "mailto:c@d";
vacation "x";
--- plan
notify "mailto:a@b" line 2 importance 2
notify "mailto:c@d" line 4 importance 2
reply "" line 5 seconds 604800 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
=== RFC 5436 s. 2.7: nobody twice
--- script
require ["enotify"];
notify :message "1" "mailto:a@b,c@d";
notify :message "2" "mailto:a@B";
notify :message "3" "mailto:c@d?cc=e@f";
notify :message "4" "mailto:";
--- plan
notify "mailto:a@b,c@d" line 2 importance 2 message "1"
notify "mailto:c@d?cc=e@f" line 4 importance 2 message "3"
store "INBOX" implicit
=== s. 4: example 4
--- script
require "enotify";
if not valid_notify_method ["mailto:",
        "http://gw.example.net/notify?test"] {
    stop;
}
notify "mailto:a@b";
--- plan
store "INBOX" implicit
=== s. 4: all of them; the same rules as notify
--- script
require ["enotify", "fileinto", "variables"];
set "a" "mailto:a@b";
if valid_notify_method ["mailto:a@b", "MAILTO:c@d?subject=x%20y", "${a}"] { fileinto "1"; }
if valid_notify_method ["mailto:a@b", "xmpp:a@b"] { fileinto "no"; }
if valid_notify_method "mailto:a@b?subject=%" { fileinto "no"; }
if valid_notify_method "mailto:a" { fileinto "no"; }
if valid_notify_method "" { fileinto "no"; }
if valid_notify_method "a@b" { fileinto "no"; }
--- plan
store "1" line 3
=== s. 5: example 5, and what is not known
--- script
require ["enotify", "fileinto", "relational", "comparator-i;ascii-numeric", "fcc"];
if notify_method_capability
       "xmpp:tim@example.com?message;subject=SIEVE"
       "Online"
       "yes" {
    fileinto "no";
}
if notify_method_capability "mailto:a@b" "OnLine" "MAYBE" { fileinto "1"; }
if notify_method_capability "mailto:a@b" "online" ["yes", "no"] { fileinto "no"; }
if notify_method_capability :matches "mailto:a@b" "online" "m?y*" { fileinto "2"; }
if notify_method_capability "mailto:a" "online" "maybe" { fileinto "no"; }
if notify_method_capability "mailto:a@b" "vnd.x" "" { fileinto "no"; }
if notify_method_capability :count "eq" :comparator "i;ascii-numeric"
  "mailto:a@b" "online" "1" { fileinto "3"; }
if notify_method_capability :count "eq" :comparator "i;ascii-numeric"
  "mailto:a@b" "vnd.x" "0" { fileinto "no"; }
--- plan
store "1" line 8
store "2" line 10
store "3" line 14
=== RFC 8580 s. 6.1: the capability fcc looks at the scheme only
--- script
require ["enotify", "fileinto", "fcc"];
if notify_method_capability "xmpp:" "fcc" "yes" { fileinto "no"; }
if notify_method_capability "mailto:" "fcc" "yes" { fileinto "1"; }
if notify_method_capability "mailto:?" "FCC" "yes" { fileinto "2"; }
--- plan
store "1" line 3
store "2" line 4
=== s. 6: :encodeurl
--- script
require ["enotify", "variables"];
set :encodeurl "body_param" "Safe body&evil=evilbody";
notify "mailto:tim@example.com?body=${body_param}";
set :encodeurl :upper "x" "aZ09-._~ /?#%ä";
notify :message "${x}" "mailto:a@b";
set :encodeurl :length "x" "ab cd";
notify :message "${x}" "mailto:c@b";
set :quotewildcard :encodeurl "x" "*";
notify :message "${x}" "mailto:d@b";
--- plan
notify "mailto:tim@example.com?body=Safe%20body%26evil%3Devilbody" line 3 importance 2
notify "mailto:a@b" line 5 importance 2 message "AZ09-._~%20%2F%3F%23%25%C3%A4"
notify "mailto:c@b" line 7 importance 2 message "7"
notify "mailto:d@b" line 9 importance 2 message "%5C%2A"
store "INBOX" implicit
=== at run time: what variables make of it
--- script
require ["enotify", "variables"];
set "a" "no address";
notify :from "${a}" "mailto:a@b";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: notify: :from is not a valid address
=== at run time: importance
--- script
require ["enotify", "variables"];
set "a" "4";
notify :importance "${a}" "mailto:a@b";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: notify: this is not an importance
=== at run time: options
--- script
require ["enotify", "variables"];
set "a" "4";
notify :options "${a}" "mailto:a@b";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: notify: this is not an option
=== at run time: the method
--- script
require ["enotify", "variables"];
set "a" "a b";
notify "mailto:${a}@b";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: notify: not a valid method: a character must be percent-encoded
=== at most ten
--- script
require ["enotify", "variables"];
notify "mailto:1@b"; notify "mailto:2@b"; notify "mailto:3@b"; notify "mailto:4@b";
notify "mailto:5@b"; notify "mailto:6@b"; notify "mailto:7@b"; notify "mailto:8@b";
notify "mailto:9@b"; notify "mailto:10@b";
notify "mailto:11@b";
--- plan
store "INBOX" implicit
--- errors
script:5:1: error: more than 10 notify actions
=== errors
--- script
require ["enotify"];
notify;
notify "mailto:a@b" "mailto:c@d";
notify ["mailto:a@b"];
notify "a@b";
notify "mailto:a@b?subject";
notify "1x:y";
notify :importance 1 "mailto:a@b";
notify :importance "0" "mailto:a@b";
notify :importance "" "mailto:a@b";
notify :from "a" "mailto:a@b";
notify :options "a" "mailto:a@b";
notify :options ["=b", "-a=b", "a b=c"] "mailto:a@b";
notify :message ["a"] "mailto:a@b";
notify :message "a" :message "b" "mailto:a@b";
notify :fcc "Sent" "mailto:a@b";
if valid_notify_method { stop; }
if valid_notify_method 1 { stop; }
if notify_method_capability "a" "b" { stop; }
if notify_method_capability "a" ["b"] "c" { stop; }
set :encodeurl "a" "b";
--- errors
script:2:1: error: the notify command requires 1 positional argument, found 0 (write: notify <method>)
script:3:21: error: the notify command requires 1 positional argument, found 2 (write: notify <method>)
script:4:8: error: the notify command expects a string as argument 1 (method), found a string list (write: notify <method>)
script:5:8: error: "a@b" is not a valid method: it has no scheme (write it like "mailto:user@example.org")
script:6:8: error: "mailto:a@b?subject" is not a valid method: a header field has no "=" (write it like "mailto:user@example.org")
script:7:8: error: "1x:y" is not a valid method: it has no scheme (write it like "mailto:user@example.org")
script:8:20: error: tag ":importance" must be followed by a string, found a number (write: :importance "text")
script:9:20: error: "0" is not an importance ("1" is high, "2" normal, "3" low)
script:10:20: error: "" is not an importance ("1" is high, "2" normal, "3" low)
script:11:14: error: "a" is not a valid address for :from (write it like "user@example.org")
script:12:17: error: "a" is not an option (write it like "name=value")
script:13:18: error: "=b" is not an option (write it like "name=value")
script:13:24: error: "-a=b" is not an option (write it like "name=value")
script:13:32: error: "a b=c" is not an option (write it like "name=value")
script:14:17: error: tag ":message" must be followed by a string, found a string list (write: :message "text")
script:15:21: error: tag ":message" is given more than once (remove one of them)
script:16:8: error: unknown tagged argument ":fcc" for the notify command (add require "fcc";)
script:17:4: error: the valid_notify_method test requires 1 positional argument, found 0 (write: valid_notify_method <notification-uris>)
script:18:24: error: the valid_notify_method test expects a string list as argument 1 (notification-uris), found a number (write: valid_notify_method <notification-uris>)
script:19:4: error: the notify_method_capability test requires 3 positional arguments, found 2 (write: notify_method_capability <notification-uri> <notification-capability> <key-list>)
script:20:33: error: the notify_method_capability test expects a string as argument 2 (notification-capability), found a string list (write: notify_method_capability <notification-uri> <notification-capability> <key-list>)
script:21:1: error: unknown command "set" (add require "variables";)
