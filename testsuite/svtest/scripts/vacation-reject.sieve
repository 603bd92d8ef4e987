require ["vacation", "reject"];
reject "no";
vacation "one";
