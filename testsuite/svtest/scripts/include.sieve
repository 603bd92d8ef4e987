require "include"; include "nested";
