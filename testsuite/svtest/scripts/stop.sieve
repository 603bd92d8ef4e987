keep;
if true {
	stop;
}
redirect "never@example.org";
