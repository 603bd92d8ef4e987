require "ihave"; error "something is missing";
