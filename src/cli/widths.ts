/** Columns of help: wider lines read badly. */
export const HELP_WIDTH = 100

/** Width of a log, where no terminal says another. */
export const LOG_WIDTH = 120
