require "include"; include :once "circle";
