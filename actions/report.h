/*
 * report: what is said about a delivery when it is over.
 */
#ifndef TAMIS_ACTIONS_REPORT_H
#define TAMIS_ACTIONS_REPORT_H

#include "actions/action.h"

/* "INBOX", "Lists/x, redirect a@b", "discarded"; in the delivery's arena. */
struct str report_where(const struct delivery *);

/* Say that the script could not be carried out as it is written.
 *   line, column  0: not known */
void report_warn(const struct delivery *, uint32_t line, uint32_t column,
    const char *reason);

/* The one line a delivery leaves in the log: key=value, values that hold
 * blanks in quotes. */
void report_log(const struct delivery *, const struct deliver_result *);

#endif
