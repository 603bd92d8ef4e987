frop;
frop "x";
if friep { frop; }
if friep { }
