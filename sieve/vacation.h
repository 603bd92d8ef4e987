/*
 * vacation: what the files of vacation and vacation-seconds share.
 */
#ifndef TAMIS_SIEVE_VACATION_H
#define TAMIS_SIEVE_VACATION_H

/* Flags; :fcc has those below. */
enum {
	VACATION_DAYS = 1 << 24,
	VACATION_SECONDS = 1 << 25,
};

/* The operand that :days and :seconds fill. */
enum { VACATION_AT_PERIOD = 5 };

#endif
