/*
 * filter: takes Return-Path fields out of a message header while it
 * streams by. RFC 5321 s. 4.4: the final delivery system writes its own.
 */
#ifndef TAMIS_LMTP_FILTER_H
#define TAMIS_LMTP_FILTER_H

#include "lib/str.h"

/* A line whose name and blanks before the colon are longer passes. */
enum { FILTER_HOLD = 1000 };

enum filter_state {
	FILTER_START, /* of a line in the header */
	FILTER_NAME,  /* so far it could be Return-Path; held */
	FILTER_PASS,  /* rest of a line that stays */
	FILTER_DROP,  /* rest of a line that goes */
	FILTER_BODY,  /* the empty line was seen */
};

/* All zero is the start of a message. */
struct filter {
	enum filter_state state;
	bool dropping; /* the last field was dropped: so are its folds */
	size_t nheld;
	char held[FILTER_HOLD];
};

/*
 * Next n octets of a line, without line end. Returns what passes: first
 * *held (until the next call), then the result.
 */
struct str filter_octets(struct filter *, struct str octets, struct str *held);

/* The line ends. true: the line end passes, after *held. */
bool filter_line_end(struct filter *, struct str *held);

#endif
