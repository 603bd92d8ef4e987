require ["fileinto", "copy", "mailbox"];
fileinto :copy :create "Chain.Copy";
