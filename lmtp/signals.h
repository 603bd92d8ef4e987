/*
 * signals: SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP and SIGUSR1 wait until
 * a supervisor reads them.
 */
#ifndef TAMIS_LMTP_SIGNALS_H
#define TAMIS_LMTP_SIGNALS_H

/* From the first line of main on. */
void signals_hold(void);
/* There is no supervisor, or this is a child. */
void signals_release(void);

/* A descriptor to poll; -1 with a line in the log. */
int signals_open(void);
/* The next that came, 0: none now. */
int signals_next(int fd);

#endif
