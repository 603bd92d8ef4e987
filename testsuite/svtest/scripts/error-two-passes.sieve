frop;
fileinto "x";
if true { keep }
