/*
 * report: what is said about a delivery when it is over.
 */
#ifndef TAMIS_ACTIONS_REPORT_H
#define TAMIS_ACTIONS_REPORT_H

#include "actions/action.h"

/* "INBOX", "Lists/x, redirect a@b", "discarded"; in the delivery's arena. */
struct str report_where(const struct delivery *);

/* The one line a delivery leaves in the log: key=value, values that hold
 * blanks in quotes. */
void report_log(const struct delivery *, const struct deliver_result *);

#endif
