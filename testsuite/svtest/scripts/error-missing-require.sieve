fileinto "x";
if envelope "from" "a" { fileinto "y"; }
