require ["vacation", "variables"];
set "a" "nobody";
vacation :from "${a}" "one";
