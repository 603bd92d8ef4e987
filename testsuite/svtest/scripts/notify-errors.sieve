require "enotify";
notify;
notify :importance "5" "mailto:a@example.org";
notify :from "x" "mailto:a@example.org";
notify :options ["frop"] "mailto:a@example.org";
notify "mailto:a@example.org?";
notify "no";
valid_notify_method "mailto:a@example.org";
if notify_method_capability "a" "b" { }
