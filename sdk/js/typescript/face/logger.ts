// Loggers: the console stands behind them, and the log of the task that runs.

export enum LogLevelEnum { OFF = -1, DEBUG = 0, INFO = 1, WARN = 2, ERROR = 3 }

export abstract class Logger {
  abstract debug(message: string, extra?: any): any;
  abstract info(message: string, extra?: any): any;
  abstract green(message: string, extra?: any): any;
  abstract warn(message: string, error?: Error, extra?: any): any;
  abstract error(message: string, error?: Error, extra?: any): any;
}

export class ConsoleLogger extends Logger {
  constructor(public context = '', public logLevel = 'INFO') { super(); }

  _write(level: keyof typeof LogLevelEnum, write: (...args: any[]) => void, parts: any[]) {
    if (LogLevelEnum[level] < LogLevelEnum[this.logLevel as keyof typeof LogLevelEnum] || this.logLevel === 'OFF') return;
    write(...parts.filter((part) => part !== undefined));
  }

  debug(message: string, extra?: any) { this._write('DEBUG', console.debug, [message, extra]); }
  info(message: string, extra?: any) { this._write('INFO', console.info, [message, extra]); }
  green(message: string, extra?: any) { this.info(message, extra); }
  warn(message: string, error?: Error, extra?: any) { this._write('WARN', console.warn, [message, error, extra]); }
  error(message: string, error?: Error, extra?: any) { this._write('ERROR', console.error, [message, error, extra]); }
}
