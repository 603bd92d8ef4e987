require ["include","variables"]; global ["order", "result"]; set "result" "before"; if true { return; } set "result" "after";
