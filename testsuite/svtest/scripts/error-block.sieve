if true; {
	keep;
}
