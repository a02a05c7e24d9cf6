// Package schedule says when work is due: cron expressions in a time zone,
// windows, blackouts and what becomes of times that were missed. It is pure:
// schedules, instants and answers. It is the only door to the cron parser,
// which is asked for wall-clock times alone.
//
// It refuses to know what a schedule starts, and who keeps it.
package schedule
