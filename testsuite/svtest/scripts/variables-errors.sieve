require "variables";
set "1a" "x";
set "a b" "x";
set "none.a" "x";
set :upper :lower "a" "x";
set "a";
set "a" "${none.b}";
