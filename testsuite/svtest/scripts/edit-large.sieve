require ["editheader", "variables"];
set "a" "0123456789abcdef0123456789abcdef";
set "b" "${a}${a}${a}${a}${a}${a}${a}${a}";
set "c" "${b}${b}${b}${b}";
addheader "X-A" "${c}";
addheader "X-B" "0123456789abcdef0123456789abcdef";
addheader "X-C" "${c}.";
