require ["spamtest", "virustest"];
if spamtest :percent "3" { }
if spamtest ["1", "2"] { }
if spamtest { }
if virustest 3 { }
