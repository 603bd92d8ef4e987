else { keep; }
if true { } else { } else { }
