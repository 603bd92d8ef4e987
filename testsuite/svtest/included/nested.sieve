require "include"; include "redirect";
