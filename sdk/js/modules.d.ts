// The built-in modules of hatchet-js-worker.
// Written by `go generate` from the tables of the program.

/** SQL databases: PostgreSQL (postgres://user:password@host/db?sslmode=verify-full), MySQL and MariaDB (mysql://user:password@host/db?ssl-mode=verify_identity) and SQLite (a path, with ?mode=ro to read only, or ':memory:'). Connections take --allow-net and are pooled for the process; files take --allow-read and --allow-write. Values go in as parameters, by the driver's placeholders: $1, ? and ?. A connection is a statement's, or a transaction's: what SET, PRAGMA and temporary tables leave behind is gone after it. Integers are numbers up to 2^53 and BigInts beyond; numeric and decimal are texts; timestamps are Dates, in UTC where the column has no zone (MySQL's session is set to UTC), to the millisecond; date and time are texts; json and jsonb are values; bytea and blob are Buffers; PostgreSQL's arrays and other types are texts. SQLite keeps Dates as ISO texts, and gives Dates for columns declared datetime or timestamp. Two columns of one name are an error. Errors have the name SqlError and as code SQLSTATE (23505), of SQLite its name (SQLITE_CONSTRAINT_UNIQUE), or ECONNREFUSED and its like. */
declare module 'hatchet:sql' {
  /** What a statement takes: objects and arrays go in as JSON, and arrays as arrays where PostgreSQL wants them. */
  type SqlValue = null | boolean | number | bigint | string | Date | Uint8Array | object;
  interface SqlResult { rowsAffected: number | bigint; /** of MySQL and SQLite */ lastInsertId?: number | bigint }
  interface SqlStatements {
    /** Runs a statement that gives no rows. */
    exec(text: string, params?: SqlValue[]): Promise<SqlResult>;
    /** All rows, as objects by the names of the columns. */
    query<Row = any>(text: string, params?: SqlValue[]): Promise<Row[]>;
    /** The first row, or null. */
    queryRow<Row = any>(text: string, params?: SqlValue[]): Promise<Row | null>;
    /** The rows one by one; leaving the loop ends the statement. No more are fetched than are taken, but for a few. */
    stream<Row = any>(text: string, params?: SqlValue[]): AsyncIterableIterator<Row>;
  }
  type SqlTransaction = SqlStatements;
  interface SqlDatabase extends SqlStatements {
    /** Runs work in a transaction: committed when it is done, rolled back when it throws or the run ends. Statements on db itself are not part of it. */
    transaction<T>(work: (tx: SqlTransaction) => T | Promise<T>, options?: { isolation?: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'; readOnly?: boolean }): Promise<T>;
  }
  /** A database. It connects when it is first used, and may be kept between runs; what a run leaves open ends with it. */
  export function open(kind: 'postgres' | 'mysql' | 'sqlite', where: string): SqlDatabase;
  const all: {
    open: typeof open;
  };
  export default all;
}

/** YAML 1.2 texts. Keys keep their order. Integers beyond 2^53 become BigInts, dates stay texts, !!binary is a Buffer; anchors, aliases and << are resolved. Errors have the name YamlError, the code YAML_PARSE and a line. */
declare module 'hatchet:yaml' {
  /** Reads the one document of a text; null if the text is empty. */
  export function parse(text: string | Uint8Array): any;
  /** Reads all documents of a text. */
  export function parseAll(text: string | Uint8Array): any[];
  /** Writes a value. undefined in objects is left out; what has toJSON, such as a Date, is what that gives; bytes become !!binary. */
  export function stringify(value: any, options?: { indent?: number }): string;
  const all: {
    parse: typeof parse;
    parseAll: typeof parseAll;
    stringify: typeof stringify;
  };
  export default all;
}

/** Comma-separated values, after RFC 4180. Fields are texts; empty lines are passed over. What is not well formed, such as a row with another number of fields, is an error with the name CsvError, the code CSV_PARSE, a line and a column. Streams hold a few rows at a time: the source is read as rows are taken. */
declare module 'hatchet:csv' {
  interface CsvParseOptions {
    /** true takes the names of the columns from the first line, an array gives them; rows are objects then, and arrays of texts without. */
    header?: boolean | string[];
    /** What stands between fields; ',' if not given. */
    delimiter?: string;
    /** Lines that begin with this character are left out. */
    comment?: string;
    /** Quotes may stand within fields that are not quoted. */
    lazyQuotes?: boolean;
    /** Rows may have fewer or more fields than the first; with a header, fewer. */
    ragged?: boolean;
  }
  interface CsvWriteOptions {
    /** The columns and their order; if not given, the keys of the first row. false writes no line of names. */
    header?: boolean | string[];
    delimiter?: string;
    /** '\\r\\n' if true, '\\n' otherwise. */
    crlf?: boolean;
  }
  type CsvRow = Record<string, string>;
  /** Reads all rows of a text. */
  export function parse(text: string | Uint8Array, options: CsvParseOptions & { header: true | string[] }): CsvRow[];
  export function parse(text: string | Uint8Array, options?: CsvParseOptions): string[][];
  /** Writes rows, which are objects or arrays. null and undefined are empty fields, a Date is an ISO text; a row with a key that the header lacks is an error. */
  export function stringify(rows: Iterable<object | any[]>, options?: CsvWriteOptions): string;
  /** Reads rows one by one from what gives pieces of the text: a file's stream, the body of a response. */
  export function parseStream(source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, options?: CsvParseOptions): AsyncIterableIterator<any>;
  /** Writes rows as they come, in pieces of text that can be the body of a request. */
  export function stringifyStream(rows: AsyncIterable<object | any[]> | Iterable<object | any[]>, options?: CsvWriteOptions): AsyncIterableIterator<string>;
  const all: {
    parse: typeof parse;
    stringify: typeof stringify;
    parseStream: typeof parseStream;
    stringifyStream: typeof stringifyStream;
  };
  export default all;
}

/** Texts from templates, in the language of Go's text/template: {{.name}}, {{if}}, {{range}}, {{with}}, {{define}}, and the functions printf, len, index, eq, lt, and, or, not, html, urlquery and so on; besides them json, upper, lower, trim, join and default. Keys that are not there are errors, those that may be missing are taken with index. Nothing is escaped by itself: use html where it must be. Errors have the name TemplateError, the code TEMPLATE_PARSE or TEMPLATE_EXEC and a line. */
declare module 'hatchet:template' {
  /** Gives the text of a template for data. */
  export function render(text: string, data?: any): string;
  const all: {
    render: typeof render;
  };
  export default all;
}

/** A small store of values by keys, which all tasks of a folder share and which stays between runs: the SQLite file hatchet-kv.db in the worker's working directory (--allow-read=hatchet-kv.db --allow-write=hatchet-kv.db). Values are what JSON can hold. What has a ttl is gone when it is over. */
declare module 'hatchet:kv' {
  /** The value of a key; undefined if there is none. */
  export function get<T = any>(key: string): Promise<T | undefined>;
  /** Sets a key's value, for a time such as '1h' or a number of milliseconds if a ttl is given. */
  export function set(key: string, value: any, options?: { ttl?: number | string }): Promise<void>;
  /** Takes a key out; says whether it was there. */
  function $delete(key: string): Promise<boolean>;
  export { $delete as delete };
  /** The keys that begin with the prefix, with their values, in order. */
  export function list(prefix?: string, options?: { limit?: number }): Promise<{ key: string; value: any }[]>;
  /** Sets the value if the key has the one that is expected, compared as JSON text; undefined expects that there is none. False says that it had another. */
  export function compareAndSet(key: string, expected: any, value: any, options?: { ttl?: number | string }): Promise<boolean>;
  const all: {
    get: typeof get;
    set: typeof set;
    delete: typeof $delete;
    list: typeof list;
    compareAndSet: typeof compareAndSet;
  };
  export default all;
}

/** Secrets, declared in hatchet-js.json by where they come from: "secrets": { "STRIPE_KEY": "env:STRIPE_KEY", "TLS_KEY": "file:/run/secrets/tls.key" }. Having declared one is the permission to read it. In logs, errors and traces it shows as ***STRIPE_KEY***. */
declare module 'hatchet:secrets' {
  /** The secret's value; one that is not declared throws NotCapable. */
  export function get(name: string): string;
  const all: {
    get: typeof get;
  };
  export default all;
}

/** Sends mail (--allow-net). A server is an object or a URL: smtp://user:password@host:587 with STARTTLS, smtps://… with TLS from the beginning. Errors have the name SmtpError, the code SMTP_REJECTED, SMTP_AUTH, SMTP_TLS, ECONNREFUSED and so on, and what the server said as responseCode. */
declare module 'hatchet:smtp' {
  interface SmtpServer {
    host: string;
    /** 587 if not given, 465 with tls: 'implicit'. */
    port?: number;
    /** 'starttls' demands it, 'implicit' begins with TLS, 'none' sends in the clear. 'starttls' if not given, 'implicit' on port 465. */
    tls?: 'starttls' | 'implicit' | 'none';
    user?: string;
    password?: string;
    /** Certificates to trust instead of the system's, as PEM text. */
    ca?: string;
  }
  interface SmtpMessage {
    from: string;
    to?: string | string[];
    cc?: string | string[];
    bcc?: string | string[];
    replyTo?: string;
    subject?: string;
    text?: string;
    html?: string;
    headers?: Record<string, string>;
    attachments?: { filename: string; content: string | Uint8Array; contentType?: string }[];
  }
  /** Sends one message to all its recipients, or to none. */
  export function send(server: string | SmtpServer, message: SmtpMessage): Promise<{ messageId: string; accepted: string[] }>;
  const all: {
    send: typeof send;
  };
  export default all;
}

/** Redis, Valkey and what speaks their protocol (--allow-net). Texts are UTF-8. Errors have the name RedisError and as code the server's word (WRONGTYPE, NOAUTH), or ECONNREFUSED and its like. A command is sent once: what becomes of it when the connection breaks is unknown. */
declare module 'hatchet:redis' {
  type RedisArgument = string | number | bigint | boolean | Uint8Array;
  interface Redis {
    /** Sends one command; what it takes and gives is in Redis's reference: call('HINCRBY', 'stock', 'tea', 1). Integers beyond 2^53 are BigInts. */
    call(command: string, ...args: RedisArgument[]): Promise<any>;
    /** The text of a key; null if there is none. */
    get(key: string): Promise<string | null>;
    /** Sets a key; false says that ifAbsent or ifPresent kept it from being set. */
    set(key: string, value: RedisArgument, options?: { ttl?: number | string; ifAbsent?: boolean; ifPresent?: boolean }): Promise<boolean>;
    /** Takes keys out; says how many there were. */
    delete(...keys: string[]): Promise<number>;
    /** Sends commands as one transaction (MULTI, EXEC); gives their replies. */
    transaction(commands: [string, ...RedisArgument[]][]): Promise<any[]>;
  }
  /** A server: redis://user:password@host:6379/0, with TLS rediss://. It connects when it is first used; its connections end with the run. */
  export function open(url: string): Redis;
  const all: {
    open: typeof open;
  };
  export default all;
}

/** Objects in Amazon S3, MinIO, R2 and what speaks S3's protocol (--allow-net). Requests count towards the limit fetches; they go to the endpoint alone, without a proxy. Errors have the name S3Error, as code the server's word (NoSuchKey, AccessDenied) or ECONNREFUSED and its like, and a status. */
declare module 'hatchet:s3' {
  interface S3Options {
    /** 'https://s3.eu-central-1.amazonaws.com', 'http://minio:9000' */
    endpoint: string;
    bucket: string;
    /** 'us-east-1' if not given. */
    region?: string;
    accessKeyId?: string;
    secretAccessKey?: string;
    sessionToken?: string;
    /** The bucket is part of the path and not of the host; so it is if not given, but for Amazon's hosts. */
    pathStyle?: boolean;
    /** Certificates to trust instead of the system's, as PEM text. */
    ca?: string;
  }
  interface S3Object { key: string; size: number; etag: string; lastModified: Date; contentType?: string; metadata?: Record<string, string> }
  interface S3Bucket {
    /** Stores an object: a text, bytes, or what gives pieces of them, which is sent in parts of 8 MiB. */
    put(key: string, data: string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, options?: { contentType?: string; metadata?: Record<string, string>; cacheControl?: string }): Promise<{ etag: string; size: number }>;
    /** A whole object, no larger than the limit fetchBody. */
    get(key: string): Promise<any>;
    /** An object piece by piece, as Buffers. */
    stream(key: string): AsyncIterableIterator<any>;
    /** What is known of an object, without its content. */
    head(key: string): Promise<S3Object>;
    /** The objects whose keys begin with the prefix, at most limit of them. */
    list(prefix?: string, options?: { limit?: number }): Promise<S3Object[]>;
    /** Takes an object out; it need not be there. */
    delete(key: string): Promise<void>;
    /** A URL with which others may get or put the object for a while, '15m' if not given. Asks no server. */
    presign(key: string, options?: { method?: 'GET' | 'PUT'; expires?: number | string }): Promise<string>;
  }
  /** A bucket. It connects when it is first used; its connections end with the run. */
  export function open(options: S3Options): S3Bucket;
  const all: {
    open: typeof open;
  };
  export default all;
}

/** Commands and files on other machines over SSH (--allow-net). The host's key must be known beforehand. Errors have the name SshError and the code SSH_HOST_UNKNOWN, SSH_HOST_CHANGED, SSH_HOST_REVOKED, SSH_AUTH, SSH_EXIT (with exitCode, stdout and stderr), ENOENT and so on of files there, or ECONNREFUSED and its like. */
declare module 'hatchet:ssh' {
  interface SshOptions {
    host: string;
    /** 22 if not given. */
    port?: number;
    user: string;
    password?: string;
    /** A private key as text, for instance a secret. */
    privateKey?: string;
    passphrase?: string;
    /** Lines as in OpenSSH's known_hosts; or knownHostsFile, which takes --allow-read. One of them must be there. */
    knownHosts?: string;
    knownHostsFile?: string;
  }
  interface SshResult { code: number; signal?: string; stdout: string; stderr: string }
  interface SshConnection {
    /** Runs a command line in the user's shell there. A code other than 0 is an error with the code SSH_EXIT, unless check is false. */
    exec(command: string, options?: { stdin?: string | Uint8Array; timeout?: number | string; check?: boolean }): Promise<SshResult>;
    /** Copies a file from here to there (--allow-read). */
    upload(local: string, remote: string, options?: { mode?: number }): Promise<void>;
    /** Copies a file from there to here (--allow-write). */
    download(remote: string, local: string): Promise<void>;
    readFile(remote: string): Promise<any>;
    writeFile(remote: string, data: string | Uint8Array, options?: { mode?: number }): Promise<void>;
    close(): Promise<void>;
  }
  /** Connects. The connection ends with the run. */
  export function connect(options: SshOptions): Promise<SshConnection>;
  const all: {
    connect: typeof connect;
  };
  export default all;
}

/** What a script may know of the process it runs in. It is the global process as well. */
declare module 'node:process' {
  /** The variables of the environment that may be read (--allow-env). Reading another throws NotCapable; packages from node_modules find it unset. Assigning sets it for this script alone. HATCHET_CLIENT_TOKEN is never there. */
  export const env: Record<string, string | undefined>;
  /** The program's name alone: arguments of a run are its input. */
  export const argv: string[];
  /** The program's name. */
  export const execPath: string;
  /** Empty. */
  export const execArgv: string[];
  /** The program's name. */
  export const title: string;
  /** linux, darwin, win32 and so on. */
  export const platform: string;
  /** x64, arm64 and so on. */
  export const arch: string;
  /** The version of Node whose documentation the modules follow. */
  export const version: string;
  /** Empty: this is not Node, and packages that ask should know. */
  export const versions: Record<string, string>;
  /** The folder that relative paths start from: the worker's working directory. */
  export function cwd(): string;
  /** Seconds since this VM was made. */
  export function uptime(): number;
  /** The time since some point in the past as [seconds, nanoseconds], or since an earlier result. */
  export const hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint };
  /** Calls back before anything else that is waiting, in Node's order: before the promises of a timer's callback, after those of code that follows an await. */
  export function nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
  /** What is written goes to the task's log. */
  export const stdout: { write(text: string): boolean; isTTY: boolean };
  /** What is written goes to the task's log, as an error. */
  export const stderr: { write(text: string): boolean; isTTY: boolean };
  /** Accepted and never called: a script does not own the process. Use ctx.signal to hear of the end of a task. */
  export function on(event: string, listener: (...args: any[]) => void): any;
  /** As on. */
  export function once(event: string, listener: (...args: any[]) => void): any;
  /** Undoes on. */
  export function off(event: string, listener: (...args: any[]) => void): any;
  /** As on. */
  export function addListener(event: string, listener: (...args: any[]) => void): any;
  /** As off. */
  export function removeListener(event: string, listener: (...args: any[]) => void): any;
  /** 0. */
  export function listenerCount(event: string): number;
  /** Logs a warning. */
  export function emitWarning(warning: string | Error): void;
  const all: {
    env: typeof env;
    argv: typeof argv;
    execPath: typeof execPath;
    execArgv: typeof execArgv;
    title: typeof title;
    platform: typeof platform;
    arch: typeof arch;
    version: typeof version;
    versions: typeof versions;
    cwd: typeof cwd;
    uptime: typeof uptime;
    hrtime: typeof hrtime;
    nextTick: typeof nextTick;
    stdout: typeof stdout;
    stderr: typeof stderr;
    on: typeof on;
    once: typeof once;
    off: typeof off;
    addListener: typeof addListener;
    removeListener: typeof removeListener;
    listenerCount: typeof listenerCount;
    emitWarning: typeof emitWarning;
  };
  export default all;
}
declare module 'process' {
  export * from 'node:process';
  export { default } from 'node:process';
}

/** Paths as text; nothing here looks at files. On Windows they are those of Windows. */
declare module 'node:path' {
  interface ParsedPath { root: string; dir: string; base: string; ext: string; name: string }
  /** Joins parts with slashes (on Windows with backslashes) and normalizes the result. */
  export function join(...parts: string[]): string;
  /** Makes an absolute path, going from right to left until it is one; then from process.cwd(). */
  export function resolve(...parts: string[]): string;
  /** Takes out . and .. and repeated slashes. */
  export function normalize(path: string): string;
  /** The way from one path to another. */
  export function relative(from: string, to: string): string;
  /** A path without its last part. */
  export function dirname(path: string): string;
  /** The last part of a path, without the suffix if it has it. */
  export function basename(path: string, suffix?: string): string;
  /** The extension with its dot; '' if there is none. */
  export function extname(path: string): string;
  /** Takes a path apart. */
  export function parse(path: string): ParsedPath;
  /** Puts a path together. */
  export function format(parts: Partial<ParsedPath>): string;
  /** Whether a path begins with a slash, on Windows also with a drive and a slash. */
  export function isAbsolute(path: string): boolean;
  /** Gives the path as it is; on Windows with the prefix of long paths. */
  export function toNamespacedPath(path: string): string;
  /** '/', on Windows '\\'. */
  export const sep: string;
  /** ':', on Windows ';'. */
  export const delimiter: string;
  /** Paths of POSIX, on every system. */
  export const posix: any;
  /** Paths of Windows, on every system. */
  export const win32: any;
  const all: {
    join: typeof join;
    resolve: typeof resolve;
    normalize: typeof normalize;
    relative: typeof relative;
    dirname: typeof dirname;
    basename: typeof basename;
    extname: typeof extname;
    parse: typeof parse;
    format: typeof format;
    isAbsolute: typeof isAbsolute;
    toNamespacedPath: typeof toNamespacedPath;
    sep: typeof sep;
    delimiter: typeof delimiter;
    posix: typeof posix;
    win32: typeof win32;
  };
  export default all;
}
declare module 'path' {
  export * from 'node:path';
  export { default } from 'node:path';
}

/** Files, with callbacks and with functions that wait. Prefer node:fs/promises: a function that waits holds the task's VM, its timers and its signal. */
declare module 'node:fs' {
  type PathLike = string | Uint8Array | URL;
  type ReadOptions = string | { encoding?: string | null };
  type WriteOptions = string | { encoding?: string | null; mode?: number | string; flag?: string };
  interface Stats {
    isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
    isCharacterDevice(): boolean; isBlockDevice(): boolean;
    dev: number; ino: number; mode: number; nlink: number; uid: number; gid: number; size: number;
    atimeMs: number; mtimeMs: number; ctimeMs: number; birthtimeMs: number; atime: Date; mtime: Date; ctime: Date; birthtime: Date;
  }
  interface Dirent {
    name: string; parentPath: string;
    isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
    isCharacterDevice(): boolean; isBlockDevice(): boolean;
  }
  type Callback<T> = (error: any, result: T) => void;
  /** Reads a whole file: a Buffer, or a text if an encoding is given. */
  export function readFile(path: PathLike, callback: Callback<any>): void;
  export function readFile(path: PathLike, options: ReadOptions, callback: Callback<any>): void;
  /** Reads a whole file: a Buffer, or a text if an encoding is given. */
  export function readFileSync(path: PathLike, options?: ReadOptions): any;
  /** Writes a whole file, in the place of what is there. */
  export function writeFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, callback: Callback<void>): void;
  export function writeFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options: WriteOptions, callback: Callback<void>): void;
  /** Writes a whole file, in the place of what is there. */
  export function writeFileSync(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions): void;
  /** Adds to the end of a file. */
  export function appendFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, callback: Callback<void>): void;
  export function appendFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options: WriteOptions, callback: Callback<void>): void;
  /** Adds to the end of a file. */
  export function appendFileSync(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions): void;
  /** Makes a folder; with recursive also those above it, and gives the first one made. */
  export function mkdir(path: PathLike, callback: Callback<string | undefined>): void;
  export function mkdir(path: PathLike, options: { recursive?: boolean; mode?: number | string }, callback: Callback<string | undefined>): void;
  /** Makes a folder; with recursive also those above it, and gives the first one made. */
  export function mkdirSync(path: PathLike, options?: { recursive?: boolean; mode?: number | string }): string | undefined;
  /** Makes a folder whose name is the prefix and six characters, and gives its path. */
  export function mkdtemp(prefix: string, callback: Callback<string>): void;
  /** Makes a folder whose name is the prefix and six characters, and gives its path. */
  export function mkdtempSync(prefix: string): string;
  /** Lists a folder by name: names, or Dirents. */
  export function readdir(path: PathLike, callback: Callback<any[]>): void;
  export function readdir(path: PathLike, options: { withFileTypes?: boolean; recursive?: boolean; encoding?: string }, callback: Callback<any[]>): void;
  /** Lists a folder by name: names, or Dirents. */
  export function readdirSync(path: PathLike, options?: { withFileTypes?: boolean; recursive?: boolean; encoding?: string }): any[];
  /** Describes a file or folder. */
  export function stat(path: PathLike, callback: Callback<Stats>): void;
  /** Describes a file or folder. */
  export function statSync(path: PathLike): Stats;
  /** Describes a file, folder or link. */
  export function lstat(path: PathLike, callback: Callback<Stats>): void;
  /** Describes a file, folder or link. */
  export function lstatSync(path: PathLike): Stats;
  /** The path without links. */
  export function realpath(path: PathLike, callback: Callback<string>): void;
  /** The path without links. */
  export function realpathSync(path: PathLike): string;
  /** Fails unless the file is there and, if constants.R_OK and so on are given, may be used so. */
  export function access(path: PathLike, callback: Callback<void>): void;
  export function access(path: PathLike, mode: number, callback: Callback<void>): void;
  /** Fails unless the file is there and, if constants.R_OK and so on are given, may be used so. */
  export function accessSync(path: PathLike, mode?: number): void;
  /** Removes a file, or with recursive a folder with all that is in it; with force it may be missing. */
  export function rm(path: PathLike, callback: Callback<void>): void;
  export function rm(path: PathLike, options: { recursive?: boolean; force?: boolean }, callback: Callback<void>): void;
  /** Removes a file, or with recursive a folder with all that is in it; with force it may be missing. */
  export function rmSync(path: PathLike, options?: { recursive?: boolean; force?: boolean }): void;
  /** Removes a file or link. */
  export function unlink(path: PathLike, callback: Callback<void>): void;
  /** Removes a file or link. */
  export function unlinkSync(path: PathLike): void;
  /** Removes an empty folder. */
  export function rmdir(path: PathLike, callback: Callback<void>): void;
  /** Removes an empty folder. */
  export function rmdirSync(path: PathLike): void;
  /** Moves a file or folder. */
  export function rename(from: PathLike, to: PathLike, callback: Callback<void>): void;
  /** Moves a file or folder. */
  export function renameSync(from: PathLike, to: PathLike): void;
  /** Copies a file; with constants.COPYFILE_EXCL nothing may be there. */
  export function copyFile(from: PathLike, to: PathLike, callback: Callback<void>): void;
  export function copyFile(from: PathLike, to: PathLike, mode: number, callback: Callback<void>): void;
  /** Copies a file; with constants.COPYFILE_EXCL nothing may be there. */
  export function copyFileSync(from: PathLike, to: PathLike, mode?: number): void;
  /** Changes permission bits. */
  export function chmod(path: PathLike, mode: number | string, callback: Callback<void>): void;
  /** Changes permission bits. */
  export function chmodSync(path: PathLike, mode: number | string): void;
  /** Changes the times of the last access and change: seconds since 1970, or Dates. */
  export function utimes(path: PathLike, accessed: number | Date, changed: number | Date, callback: Callback<void>): void;
  /** Changes the times of the last access and change: seconds since 1970, or Dates. */
  export function utimesSync(path: PathLike, accessed: number | Date, changed: number | Date): void;
  /** Cuts a file off, or fills it up with zeros. */
  export function truncate(path: PathLike, callback: Callback<void>): void;
  export function truncate(path: PathLike, length: number, callback: Callback<void>): void;
  /** Cuts a file off, or fills it up with zeros. */
  export function truncateSync(path: PathLike, length?: number): void;
  /** Tells whether there is something that may be read. */
  export function exists(path: PathLike, callback: (there: boolean) => void): void;
  /** Tells whether there is something. What may not be read throws. */
  export function existsSync(path: PathLike): boolean;
  /** Reads a file piece by piece: for await (const chunk of stream), or the events data, end, error and close. */
  export function createReadStream(path: PathLike, options?: string | { encoding?: string; highWaterMark?: number; start?: number; end?: number; flags?: string; signal?: AbortSignal }): any;
  /** Writes a file piece by piece: write(data), end(), the events drain, finish, error and close. */
  export function createWriteStream(path: PathLike, options?: string | { encoding?: string; flags?: string; mode?: number; start?: number; highWaterMark?: number; signal?: AbortSignal }): any;
  /** The class of createReadStream, a Readable of node:stream. */
  export const ReadStream: any;
  /** The class of createWriteStream, a Writable of node:stream. */
  export const WriteStream: any;
  /** node:fs/promises. */
  export const promises: typeof import('node:fs/promises').default;
  /** R_OK, W_OK, X_OK, F_OK, COPYFILE_EXCL and flags to open files. */
  export const constants: Record<string, number>;
  const all: {
    readFile: typeof readFile;
    readFileSync: typeof readFileSync;
    writeFile: typeof writeFile;
    writeFileSync: typeof writeFileSync;
    appendFile: typeof appendFile;
    appendFileSync: typeof appendFileSync;
    mkdir: typeof mkdir;
    mkdirSync: typeof mkdirSync;
    mkdtemp: typeof mkdtemp;
    mkdtempSync: typeof mkdtempSync;
    readdir: typeof readdir;
    readdirSync: typeof readdirSync;
    stat: typeof stat;
    statSync: typeof statSync;
    lstat: typeof lstat;
    lstatSync: typeof lstatSync;
    realpath: typeof realpath;
    realpathSync: typeof realpathSync;
    access: typeof access;
    accessSync: typeof accessSync;
    rm: typeof rm;
    rmSync: typeof rmSync;
    unlink: typeof unlink;
    unlinkSync: typeof unlinkSync;
    rmdir: typeof rmdir;
    rmdirSync: typeof rmdirSync;
    rename: typeof rename;
    renameSync: typeof renameSync;
    copyFile: typeof copyFile;
    copyFileSync: typeof copyFileSync;
    chmod: typeof chmod;
    chmodSync: typeof chmodSync;
    utimes: typeof utimes;
    utimesSync: typeof utimesSync;
    truncate: typeof truncate;
    truncateSync: typeof truncateSync;
    exists: typeof exists;
    existsSync: typeof existsSync;
    createReadStream: typeof createReadStream;
    createWriteStream: typeof createWriteStream;
    ReadStream: typeof ReadStream;
    WriteStream: typeof WriteStream;
    promises: typeof promises;
    constants: typeof constants;
  };
  export default all;
}
declare module 'fs' {
  export * from 'node:fs';
  export { default } from 'node:fs';
}

/** Files, with promises. Reading takes --allow-read, writing --allow-write; links and .. lead nowhere else. Errors have Node's codes, such as ENOENT. */
declare module 'node:fs/promises' {
  type PathLike = string | Uint8Array | URL;
  type ReadOptions = string | { encoding?: string | null };
  type WriteOptions = string | { encoding?: string | null; mode?: number | string; flag?: string };
  interface Stats {
    isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
    isCharacterDevice(): boolean; isBlockDevice(): boolean;
    dev: number; ino: number; mode: number; nlink: number; uid: number; gid: number; size: number;
    atimeMs: number; mtimeMs: number; ctimeMs: number; birthtimeMs: number; atime: Date; mtime: Date; ctime: Date; birthtime: Date;
  }
  interface Dirent {
    name: string; parentPath: string;
    isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
    isCharacterDevice(): boolean; isBlockDevice(): boolean;
  }
  interface FileHandle {
    /** Reads into a buffer, from a position or from where the last read ended. 0 bytes are the end. */
    read(buffer: ArrayBufferView, offset?: number, length?: number, position?: number | null): Promise<{ bytesRead: number; buffer: any }>;
    /** Writes data, at a position or where the last write ended. Of a text, the second argument is the position. */
    write(data: string | ArrayBufferView, offset?: number, length?: number, position?: number | null): Promise<{ bytesWritten: number; buffer: any }>;
    /** Reads on to the end. */
    readFile(options?: ReadOptions): Promise<any>;
    /** Writes all of the data. */
    writeFile(data: string | ArrayBufferView, options?: WriteOptions): Promise<void>;
    /** Writes all of the data. */
    appendFile(data: string | ArrayBufferView, options?: WriteOptions): Promise<void>;
    /** Describes the file. */
    stat(): Promise<Stats>;
    /** Cuts the file off. */
    truncate(length?: number): Promise<void>;
    /** Waits until the disk has what was written. */
    sync(): Promise<void>;
    /** Closes the file. What a run leaves open is closed when it ends. */
    close(): Promise<void>;
  }
  /** Reads a whole file: a Buffer, or a text if an encoding is given. */
  export function readFile(path: PathLike, options?: ReadOptions): Promise<any>;
  /** Writes a whole file, in the place of what is there. */
  export function writeFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions): Promise<void>;
  /** Adds to the end of a file. */
  export function appendFile(path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions): Promise<void>;
  /** Makes a folder; with recursive also those above it, and gives the first one made. */
  export function mkdir(path: PathLike, options?: { recursive?: boolean; mode?: number | string }): Promise<string | undefined>;
  /** Makes a folder whose name is the prefix and six characters, and gives its path. */
  export function mkdtemp(prefix: string): Promise<string>;
  /** Lists a folder by name: names, or Dirents. */
  export function readdir(path: PathLike, options?: { withFileTypes?: boolean; recursive?: boolean; encoding?: string }): Promise<any[]>;
  /** Describes a file or folder. */
  export function stat(path: PathLike): Promise<Stats>;
  /** Describes a file, folder or link. */
  export function lstat(path: PathLike): Promise<Stats>;
  /** The path without links. */
  export function realpath(path: PathLike): Promise<string>;
  /** Fails unless the file is there and, if constants.R_OK and so on are given, may be used so. */
  export function access(path: PathLike, mode?: number): Promise<void>;
  /** Removes a file, or with recursive a folder with all that is in it; with force it may be missing. */
  export function rm(path: PathLike, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  /** Removes a file or link. */
  export function unlink(path: PathLike): Promise<void>;
  /** Removes an empty folder. */
  export function rmdir(path: PathLike): Promise<void>;
  /** Moves a file or folder. */
  export function rename(from: PathLike, to: PathLike): Promise<void>;
  /** Copies a file; with constants.COPYFILE_EXCL nothing may be there. */
  export function copyFile(from: PathLike, to: PathLike, mode?: number): Promise<void>;
  /** Changes permission bits. */
  export function chmod(path: PathLike, mode: number | string): Promise<void>;
  /** Changes the times of the last access and change: seconds since 1970, or Dates. */
  export function utimes(path: PathLike, accessed: number | Date, changed: number | Date): Promise<void>;
  /** Cuts a file off, or fills it up with zeros. */
  export function truncate(path: PathLike, length?: number): Promise<void>;
  /** Opens a file; flags are r, r+, w, wx, w+, a, a+ and so on. What a run leaves open is closed when it ends. */
  export function open(path: PathLike, flags?: string | number, mode?: number | string): Promise<FileHandle>;
  /** R_OK, W_OK, X_OK, F_OK, COPYFILE_EXCL and flags to open files. */
  export const constants: Record<string, number>;
  const all: {
    readFile: typeof readFile;
    writeFile: typeof writeFile;
    appendFile: typeof appendFile;
    mkdir: typeof mkdir;
    mkdtemp: typeof mkdtemp;
    readdir: typeof readdir;
    stat: typeof stat;
    lstat: typeof lstat;
    realpath: typeof realpath;
    access: typeof access;
    rm: typeof rm;
    unlink: typeof unlink;
    rmdir: typeof rmdir;
    rename: typeof rename;
    copyFile: typeof copyFile;
    chmod: typeof chmod;
    utimes: typeof utimes;
    truncate: typeof truncate;
    open: typeof open;
    constants: typeof constants;
  };
  export default all;
}
declare module 'fs/promises' {
  export * from 'node:fs/promises';
  export { default } from 'node:fs/promises';
}

/** Programs (--allow-run), always without a shell: of exec, the line is taken apart into words, and what only a shell could do is an error. A program gets the variables of the environment that the script may read, or those of env, without LD_*, DYLD_* and NODE_OPTIONS. It ends with the run, with all that it has started. */
declare module 'node:child_process' {
  interface ExecOptions {
    cwd?: string | URL; env?: Record<string, string | undefined>; encoding?: string | null; timeout?: number; maxBuffer?: number;
    killSignal?: string | number; signal?: AbortSignal; input?: string | Uint8Array;
  }
  interface ChildProcess {
    readonly pid?: number; readonly exitCode: number | null; readonly signalCode: string | null; readonly killed: boolean;
    readonly stdin: any; readonly stdout: any; readonly stderr: any;
    kill(signal?: string | number): boolean;
    on(event: 'exit' | 'close', listener: (code: number | null, signal: string | null) => void): this;
    on(event: 'error', listener: (error: any) => void): this;
    on(event: string, listener: (...args: any[]) => void): this;
    once(event: string, listener: (...args: any[]) => void): this;
  }
  type ExecCallback = (error: any, stdout: any, stderr: any) => void;
  /** Runs a command line of words, quoted as for a shell. util.promisify(exec)(line) gives { stdout, stderr }. */
  export function exec(command: string, options?: ExecOptions | ExecCallback, callback?: ExecCallback): ChildProcess;
  /** Runs a program with arguments. util.promisify(execFile)(file, args) gives { stdout, stderr }. */
  export function execFile(file: string, args?: string[] | ExecOptions | ExecCallback, options?: ExecOptions | ExecCallback, callback?: ExecCallback): ChildProcess;
  /** Starts a program and gives its streams: for await (const chunk of child.stdout), child.stdin.write. */
  export function spawn(file: string, args?: string[] | ExecOptions, options?: ExecOptions): ChildProcess;
  /** exec that waits, and holds the task's VM meanwhile; gives stdout. */
  export function execSync(command: string, options?: ExecOptions): any;
  /** execFile that waits, and holds the task's VM meanwhile; gives stdout. */
  export function execFileSync(file: string, args?: string[] | ExecOptions, options?: ExecOptions): any;
  /** Runs a program and waits, whatever its exit code. */
  export function spawnSync(file: string, args?: string[] | ExecOptions, options?: ExecOptions): { status: number | null; signal: string | null; stdout: any; stderr: any; error?: any };
  /** The class of what spawn gives. */
  export const ChildProcess: any;
  const all: {
    exec: typeof exec;
    execFile: typeof execFile;
    spawn: typeof spawn;
    execSync: typeof execSync;
    execFileSync: typeof execFileSync;
    spawnSync: typeof spawnSync;
    ChildProcess: typeof ChildProcess;
  };
  export default all;
}
declare module 'child_process' {
  export * from 'node:child_process';
  export { default } from 'node:child_process';
}

/** The machine, as far as scripts may know it. */
declare module 'node:os' {
  /** The end of a line: \n, on Windows \r\n. */
  export const EOL: string;
  /** The file that forgets. */
  export const devNull: string;
  /** The machine's name. Takes --allow-sys=hostname. */
  export function hostname(): string;
  /** linux, darwin, win32 and so on. */
  export function platform(): string;
  /** Linux, Darwin, Windows_NT and so on. */
  export function type(): string;
  /** x64, arm64 and so on. */
  export function arch(): string;
  /** The order of bytes. */
  export function endianness(): 'LE' | 'BE';
  /** How many processors this program may use. */
  export function availableParallelism(): number;
  /** The processors, with their speed in MHz and their times in milliseconds. Takes --allow-sys=cpus. */
  export function cpus(): { model: string; speed: number; times: { user: number; nice: number; sys: number; idle: number; irq: number } }[];
  /** The machine's memory in bytes. Takes --allow-sys=systemMemoryInfo. */
  export function totalmem(): number;
  /** The memory in bytes that programs could have. Takes --allow-sys=systemMemoryInfo. */
  export function freemem(): number;
  /** The load of the last minute, five and fifteen. Takes --allow-sys=loadavg. */
  export function loadavg(): [number, number, number];
  /** Seconds since the machine was started. Takes --allow-sys=osUptime. */
  export function uptime(): number;
  /** The release of the system's kernel. Takes --allow-sys=osRelease. */
  export function release(): string;
  /** The version of the system's kernel. Takes --allow-sys=osRelease. */
  export function version(): string;
  /** The machine's addresses. Takes --allow-sys=networkInterfaces. */
  export function networkInterfaces(): Record<string, { address: string; netmask: string; family: 'IPv4' | 'IPv6'; mac: string; internal: boolean; cidr: string | null; scopeid?: number }[]>;
  /** Whom the worker runs as. Takes --allow-sys=userInfo. */
  export function userInfo(): { uid: number; gid: number; username: string; homedir: string; shell: string | null };
  /** The folder for temporary files: the variable TMPDIR (on Windows TEMP) if it may be read, else /tmp (C:\Windows\Temp). Writing there takes --allow-write. */
  export function tmpdir(): string;
  /** The variable HOME (on Windows USERPROFILE), which takes --allow-env=HOME. */
  export function homedir(): string;
  const all: {
    EOL: typeof EOL;
    devNull: typeof devNull;
    hostname: typeof hostname;
    platform: typeof platform;
    type: typeof type;
    arch: typeof arch;
    endianness: typeof endianness;
    availableParallelism: typeof availableParallelism;
    cpus: typeof cpus;
    totalmem: typeof totalmem;
    freemem: typeof freemem;
    loadavg: typeof loadavg;
    uptime: typeof uptime;
    release: typeof release;
    version: typeof version;
    networkInterfaces: typeof networkInterfaces;
    userInfo: typeof userInfo;
    tmpdir: typeof tmpdir;
    homedir: typeof homedir;
  };
  export default all;
}
declare module 'os' {
  export * from 'node:os';
  export { default } from 'node:os';
}

/** Values that follow a flow of control: through await, promises, timers and callbacks of other modules. */
declare module 'node:async_hooks' {
  export interface AsyncLocalStorage<T> {
    getStore(): T | undefined;
    run<R>(store: T, callback: () => R): R;
    run<R, A extends any[]>(store: T, callback: (...args: A) => R, ...args: A): R;
    exit<R, A extends any[]>(callback: (...args: A) => R, ...args: A): R;
    enterWith(store: T): void;
    disable(): void;
  }
  export interface AsyncResource {
    runInAsyncScope<R>(callback: (this: any, ...args: any[]) => R, thisArg?: any, ...args: any[]): R;
    bind<F extends (...args: any[]) => any>(callback: F): F;
    asyncId(): number; triggerAsyncId(): number; emitDestroy(): this;
  }
  /** A value for all that a function calls and starts: run(value, callback), getStore(). Within the method then of an object that is no promise, as of some query builders, there is none; after its await there is. AsyncResource.bind keeps it there, too. */
  export const AsyncLocalStorage: { new <T>(): AsyncLocalStorage<T>; bind<F extends (...args: any[]) => any>(callback: F): F; snapshot(): <R, A extends any[]>(callback: (...args: A) => R, ...args: A) => R };
  /** Keeps the values of where it was made, for callbacks that come from elsewhere. */
  export const AsyncResource: { new (type: string, options?: any): AsyncResource; bind<F extends (...args: any[]) => any>(callback: F): F };
  const all: {
    AsyncLocalStorage: typeof AsyncLocalStorage;
    AsyncResource: typeof AsyncResource;
  };
  export default all;
}
declare module 'async_hooks' {
  export * from 'node:async_hooks';
  export { default } from 'node:async_hooks';
}

/** Bytes. Buffer is a global as well. */
declare module 'node:buffer' {
  export type BufferEncoding = 'utf8' | 'utf-8' | 'utf16le' | 'utf-16le' | 'ucs2' | 'ucs-2' | 'latin1' | 'binary' | 'ascii' | 'base64' | 'base64url' | 'hex';
  export interface Buffer extends Uint8Array {
    toString(encoding?: BufferEncoding | string, start?: number, end?: number): string;
    toJSON(): { type: 'Buffer'; data: number[] };
    write(text: string, encoding?: string): number;
    write(text: string, offset: number, encoding?: string): number;
    write(text: string, offset: number, length: number, encoding?: string): number;
    equals(other: Uint8Array): boolean;
    compare(target: Uint8Array, targetStart?: number, targetEnd?: number, sourceStart?: number, sourceEnd?: number): -1 | 0 | 1;
    copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number;
    fill(value: any, offset?: any, end?: any, encoding?: any): this;
    indexOf(value: any, byteOffset?: any, encoding?: any): number;
    lastIndexOf(value: any, byteOffset?: any, encoding?: any): number;
    includes(value: any, byteOffset?: any, encoding?: any): boolean;
    subarray(start?: number, end?: number): any;
    slice(start?: number, end?: number): any;
    swap16(): this; swap32(): this; swap64(): this;
    readUInt8(offset?: number): number; readInt8(offset?: number): number;
    readUInt16LE(offset?: number): number; readUInt16BE(offset?: number): number; readInt16LE(offset?: number): number; readInt16BE(offset?: number): number;
    readUInt32LE(offset?: number): number; readUInt32BE(offset?: number): number; readInt32LE(offset?: number): number; readInt32BE(offset?: number): number;
    readUIntLE(offset: number, bytes: number): number; readUIntBE(offset: number, bytes: number): number; readIntLE(offset: number, bytes: number): number; readIntBE(offset: number, bytes: number): number;
    readBigUInt64LE(offset?: number): bigint; readBigUInt64BE(offset?: number): bigint; readBigInt64LE(offset?: number): bigint; readBigInt64BE(offset?: number): bigint;
    readFloatLE(offset?: number): number; readFloatBE(offset?: number): number; readDoubleLE(offset?: number): number; readDoubleBE(offset?: number): number;
    writeUInt8(value: number, offset?: number): number; writeInt8(value: number, offset?: number): number;
    writeUInt16LE(value: number, offset?: number): number; writeUInt16BE(value: number, offset?: number): number; writeInt16LE(value: number, offset?: number): number; writeInt16BE(value: number, offset?: number): number;
    writeUInt32LE(value: number, offset?: number): number; writeUInt32BE(value: number, offset?: number): number; writeInt32LE(value: number, offset?: number): number; writeInt32BE(value: number, offset?: number): number;
    writeUIntLE(value: number, offset: number, bytes: number): number; writeUIntBE(value: number, offset: number, bytes: number): number; writeIntLE(value: number, offset: number, bytes: number): number; writeIntBE(value: number, offset: number, bytes: number): number;
    writeBigUInt64LE(value: bigint, offset?: number): number; writeBigUInt64BE(value: bigint, offset?: number): number; writeBigInt64LE(value: bigint, offset?: number): number; writeBigInt64BE(value: bigint, offset?: number): number;
    writeFloatLE(value: number, offset?: number): number; writeFloatBE(value: number, offset?: number): number; writeDoubleLE(value: number, offset?: number): number; writeDoubleBE(value: number, offset?: number): number;
  }
  export interface BufferConstructor {
    from(value: any, encodingOrOffset?: any, length?: number): Buffer;
    alloc(size: number, fill?: any, encoding?: string): Buffer;
    allocUnsafe(size: number): Buffer; allocUnsafeSlow(size: number): Buffer;
    of(...items: number[]): Buffer;
    concat(list: readonly Uint8Array[], length?: number): Buffer;
    copyBytesFrom(view: ArrayBufferView, offset?: number, length?: number): Buffer;
    compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1;
    isBuffer(value: any): value is Buffer;
    isEncoding(encoding: string): encoding is BufferEncoding;
    byteLength(value: string | ArrayBufferView | ArrayBuffer, encoding?: string): number;
    readonly poolSize: number;
    readonly prototype: Buffer;
  }
  /** A Uint8Array that knows encodings: Buffer.from(text, 'base64'), buffer.toString('hex'). Memory is always zeroed, with allocUnsafe too. */
  export const Buffer: BufferConstructor;
  /** Buffer.allocUnsafeSlow by its old name. */
  export const SlowBuffer: { (size: number): Buffer; new (size: number): Buffer };
  /** Bytes in another encoding: utf8, utf16le, latin1 or ascii. */
  export function transcode(source: Uint8Array, from: string, to: string): Buffer;
  /** Whether the bytes are UTF-8. */
  export function isUtf8(input: ArrayBuffer | ArrayBufferView): boolean;
  /** Whether all bytes are below 128. */
  export function isAscii(input: ArrayBuffer | ArrayBufferView): boolean;
  /** The largest sizes: what one native call may build here. */
  export const constants: { MAX_LENGTH: number; MAX_STRING_LENGTH: number };
  /** constants.MAX_LENGTH. */
  export const kMaxLength: number;
  /** constants.MAX_STRING_LENGTH. */
  export const kStringMaxLength: number;
  /** How many bytes are shown of a Buffer. */
  export const INSPECT_MAX_BYTES: number;
  /** The global atob. */
  export const atob: typeof globalThis.atob;
  /** The global btoa. */
  export const btoa: typeof globalThis.btoa;
  /** The global Blob. */
  export const Blob: any;
  /** The global File. */
  export const File: any;
  const all: {
    Buffer: typeof Buffer;
    SlowBuffer: typeof SlowBuffer;
    transcode: typeof transcode;
    isUtf8: typeof isUtf8;
    isAscii: typeof isAscii;
    constants: typeof constants;
    kMaxLength: typeof kMaxLength;
    kStringMaxLength: typeof kStringMaxLength;
    INSPECT_MAX_BYTES: typeof INSPECT_MAX_BYTES;
    atob: typeof atob;
    btoa: typeof btoa;
    Blob: typeof Blob;
    File: typeof File;
  };
  export default all;
}
declare module 'buffer' {
  export * from 'node:buffer';
  export { default } from 'node:buffer';
}

/** Text of bytes that come in pieces. */
declare module 'node:string_decoder' {
  export interface StringDecoder {
    readonly encoding: string;
    write(bytes: ArrayBufferView | string): string;
    end(bytes?: ArrayBufferView | string): string;
  }
  /** Keeps the beginning of a character until the rest of it comes. */
  export const StringDecoder: { new (encoding?: string): StringDecoder };
  const all: {
    StringDecoder: typeof StringDecoder;
  };
  export default all;
}
declare module 'string_decoder' {
  export * from 'node:string_decoder';
  export { default } from 'node:string_decoder';
}

/** Emitters of events. */
declare module 'node:events' {
  export type Listener = (...args: any[]) => any;
  export interface EventEmitter {
    on(event: string | symbol, listener: Listener): this; once(event: string | symbol, listener: Listener): this; off(event: string | symbol, listener: Listener): this;
    addListener(event: string | symbol, listener: Listener): this; removeListener(event: string | symbol, listener: Listener): this;
    prependListener(event: string | symbol, listener: Listener): this; prependOnceListener(event: string | symbol, listener: Listener): this;
    removeAllListeners(event?: string | symbol): this;
    emit(event: string | symbol, ...args: any[]): boolean;
    listeners(event: string | symbol): Listener[]; rawListeners(event: string | symbol): Listener[];
    listenerCount(event: string | symbol, listener?: Listener): number;
    eventNames(): (string | symbol)[];
    setMaxListeners(n: number): this; getMaxListeners(): number;
  }
  export interface EventEmitterConstructor {
    new (options?: { captureRejections?: boolean }): EventEmitter;
    prototype: EventEmitter;
    EventEmitter: EventEmitterConstructor;
    once(emitter: any, event: string | symbol, options?: { signal?: AbortSignal }): Promise<any[]>;
    on(emitter: any, event: string | symbol, options?: { signal?: AbortSignal; close?: string[] }): AsyncIterableIterator<any[]>;
    listenerCount(emitter: EventEmitter, event: string | symbol): number;
    getEventListeners(emitter: EventEmitter, event: string | symbol): Listener[];
    getMaxListeners(emitter: EventEmitter): number;
    setMaxListeners(n?: number, ...emitters: any[]): void;
    addAbortListener(signal: AbortSignal, listener: () => void): any;
    readonly errorMonitor: unique symbol; readonly captureRejectionSymbol: unique symbol;
    defaultMaxListeners: number; captureRejections: boolean;
  }
  /** The class, which is the default export as well. */
  export const EventEmitter: EventEmitterConstructor;
  /** The arguments of the next event; rejects at the event error. */
  export function once(emitter: any, event: string | symbol, options?: { signal?: AbortSignal }): Promise<any[]>;
  /** The arguments of each event, for for await. */
  export function on(emitter: any, event: string | symbol, options?: { signal?: AbortSignal; close?: string[] }): AsyncIterableIterator<any[]>;
  /** The event that hears of errors without handling them. */
  export const errorMonitor: symbol;
  /** The method that is called with what an async listener rejects with. */
  export const captureRejectionSymbol: symbol;
  /** What new emitters do with rejections of async listeners. */
  export const captureRejections: boolean;
  /** How many listeners of one event are warned of. */
  export const defaultMaxListeners: number;
  /** How many listeners an event has. */
  export function listenerCount(emitter: EventEmitter, event: string | symbol): number;
  /** The listeners of an event. */
  export function getEventListeners(emitter: EventEmitter, event: string | symbol): Listener[];
  /** How many listeners are warned of. */
  export function getMaxListeners(emitter: EventEmitter): number;
  /** Sets it, for some emitters or for all. */
  export function setMaxListeners(n?: number, ...emitters: any[]): void;
  /** Calls back once the signal fires. */
  export function addAbortListener(signal: AbortSignal, listener: () => void): any;
  /** An emitter whose listeners run in the flow of control that made it. */
  export const EventEmitterAsyncResource: any;
  /** false. */
  export const usingDomains: boolean;
  export { EventEmitter as default };
}
declare module 'events' {
  export * from 'node:events';
  export { default } from 'node:events';
}

/** Help for callbacks, promises, text for people and the kinds of values. */
declare module 'node:util' {
  export interface InspectOptions {
    depth?: number | null; colors?: boolean; breakLength?: number; maxArrayLength?: number | null; maxStringLength?: number | null; compact?: boolean | number; sorted?: boolean;
  }
  /** A function that promises what another calls back with. */
  export const promisify: { (original: (...args: any[]) => any): (...args: any[]) => Promise<any>; custom: symbol };
  /** A function that calls back with what another promises. */
  export function callbackify(original: (...args: any[]) => Promise<any>): (...args: any[]) => void;
  /** A value as console.log shows it. */
  export const inspect: { (value: any, options?: InspectOptions): string; custom: symbol; defaultOptions: InspectOptions; colors: any; styles: any };
  /** Text with %s, %d, %i, %f, %j, %o, %O and %c filled in. */
  export function format(...args: any[]): string;
  /** format, with options of inspect for what stands alone. */
  export function formatWithOptions(options: InspectOptions, ...args: any[]): string;
  /** Inheritance without class. */
  export function inherits(constructor: any, parent: any): void;
  /** isDate, isMap, isPromise and so on. */
  export const types: Record<string, (value: any) => boolean>;
  /** Whether two values are alike, as assert.deepStrictEqual says. */
  export function isDeepStrictEqual(a: any, b: any): boolean;
  /** A function that warns when it is first called. */
  export function deprecate<F extends (...args: any[]) => any>(callback: F, message: string, code?: string): F;
  /** Options of a command line, of config.args. */
  export function parseArgs(config?: { args?: string[]; options?: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean; default?: any }>; strict?: boolean; allowPositionals?: boolean; tokens?: boolean }): { values: any; positionals: string[]; tokens?: any[] };
  /** Text without escape sequences of terminals. */
  export function stripVTControlCharacters(text: string): string;
  /** Text with escape sequences for colours. */
  export function styleText(format: string | string[], text: string): string;
  /** Text with U+FFFD for lone surrogates. */
  export function toUSVString(text: string): string;
  /** Settles once the signal fires. */
  export function aborted(signal: AbortSignal, resource: object): Promise<void>;
  /** Logs nothing: NODE_DEBUG is not read. */
  export function debuglog(section: string): { (...args: any[]): void; enabled: boolean };
  /** debuglog. */
  export function debug(section: string): { (...args: any[]): void; enabled: boolean };
  /** ENOENT of -2, and so on. */
  export function getSystemErrorName(errno: number): string | undefined;
  /** The global TextEncoder. */
  export const TextEncoder: typeof globalThis.TextEncoder;
  /** The global TextDecoder. */
  export const TextDecoder: typeof globalThis.TextDecoder;
  /** For old packages. */
  export function isArray(value: any): boolean;
  /** For old packages. */
  export function isBoolean(value: any): boolean;
  /** For old packages. */
  export function isNull(value: any): boolean;
  /** For old packages. */
  export function isNullOrUndefined(value: any): boolean;
  /** For old packages. */
  export function isNumber(value: any): boolean;
  /** For old packages. */
  export function isString(value: any): boolean;
  /** For old packages. */
  export function isSymbol(value: any): boolean;
  /** For old packages. */
  export function isUndefined(value: any): boolean;
  /** For old packages. */
  export function isRegExp(value: any): boolean;
  /** For old packages. */
  export function isObject(value: any): boolean;
  /** For old packages. */
  export function isDate(value: any): boolean;
  /** For old packages. */
  export function isError(value: any): boolean;
  /** For old packages. */
  export function isFunction(value: any): boolean;
  /** For old packages. */
  export function isPrimitive(value: any): boolean;
  const all: {
    promisify: typeof promisify;
    callbackify: typeof callbackify;
    inspect: typeof inspect;
    format: typeof format;
    formatWithOptions: typeof formatWithOptions;
    inherits: typeof inherits;
    types: typeof types;
    isDeepStrictEqual: typeof isDeepStrictEqual;
    deprecate: typeof deprecate;
    parseArgs: typeof parseArgs;
    stripVTControlCharacters: typeof stripVTControlCharacters;
    styleText: typeof styleText;
    toUSVString: typeof toUSVString;
    aborted: typeof aborted;
    debuglog: typeof debuglog;
    debug: typeof debug;
    getSystemErrorName: typeof getSystemErrorName;
    TextEncoder: typeof TextEncoder;
    TextDecoder: typeof TextDecoder;
    isArray: typeof isArray;
    isBoolean: typeof isBoolean;
    isNull: typeof isNull;
    isNullOrUndefined: typeof isNullOrUndefined;
    isNumber: typeof isNumber;
    isString: typeof isString;
    isSymbol: typeof isSymbol;
    isUndefined: typeof isUndefined;
    isRegExp: typeof isRegExp;
    isObject: typeof isObject;
    isDate: typeof isDate;
    isError: typeof isError;
    isFunction: typeof isFunction;
    isPrimitive: typeof isPrimitive;
  };
  export default all;
}
declare module 'util' {
  export * from 'node:util';
  export { default } from 'node:util';
}

/** util.types: what an object is, whatever its prototype says. */
declare module 'node:util/types' {
  /** Whether a value is one. */
  export function isDate(value: any): boolean;
  /** Whether a value is one. */
  export function isMap(value: any): boolean;
  /** Whether a value is one. */
  export function isSet(value: any): boolean;
  /** Whether a value is one. */
  export function isWeakMap(value: any): boolean;
  /** Whether a value is one. */
  export function isWeakSet(value: any): boolean;
  /** Whether a value is one. */
  export function isRegExp(value: any): boolean;
  /** Whether a value is one. */
  export function isNativeError(value: any): boolean;
  /** Whether a value is one. */
  export function isPromise(value: any): boolean;
  /** Whether a value is one. */
  export function isProxy(value: any): boolean;
  /** Whether a value is one. */
  export function isArgumentsObject(value: any): boolean;
  /** Whether a value is one. */
  export function isNumberObject(value: any): boolean;
  /** Whether a value is one. */
  export function isStringObject(value: any): boolean;
  /** Whether a value is one. */
  export function isBooleanObject(value: any): boolean;
  /** Whether a value is one. */
  export function isBigIntObject(value: any): boolean;
  /** Whether a value is one. */
  export function isSymbolObject(value: any): boolean;
  /** Whether a value is one. */
  export function isBoxedPrimitive(value: any): boolean;
  /** Whether a value is one. */
  export function isAnyArrayBuffer(value: any): boolean;
  /** Whether a value is one. */
  export function isArrayBuffer(value: any): boolean;
  /** Whether a value is one. */
  export function isSharedArrayBuffer(value: any): boolean;
  /** Whether a value is one. */
  export function isArrayBufferView(value: any): boolean;
  /** Whether a value is one. */
  export function isDataView(value: any): boolean;
  /** Whether a value is one. */
  export function isTypedArray(value: any): boolean;
  /** Whether a value is one. */
  export function isAsyncFunction(value: any): boolean;
  /** Whether a value is one. */
  export function isGeneratorFunction(value: any): boolean;
  /** Whether a value is one. */
  export function isGeneratorObject(value: any): boolean;
  /** Whether a value is one. */
  export function isMapIterator(value: any): boolean;
  /** Whether a value is one. */
  export function isSetIterator(value: any): boolean;
  /** Whether a value is one. */
  export function isExternal(value: any): boolean;
  /** Whether a value is one. */
  export function isModuleNamespaceObject(value: any): boolean;
  /** Whether a value is one. */
  export function isKeyObject(value: any): boolean;
  /** Whether a value is one. */
  export function isCryptoKey(value: any): boolean;
  /** Whether a value is one. */
  export function isUint8Array(value: any): boolean;
  /** Whether a value is one. */
  export function isUint8ClampedArray(value: any): boolean;
  /** Whether a value is one. */
  export function isUint16Array(value: any): boolean;
  /** Whether a value is one. */
  export function isUint32Array(value: any): boolean;
  /** Whether a value is one. */
  export function isInt8Array(value: any): boolean;
  /** Whether a value is one. */
  export function isInt16Array(value: any): boolean;
  /** Whether a value is one. */
  export function isInt32Array(value: any): boolean;
  /** Whether a value is one. */
  export function isFloat32Array(value: any): boolean;
  /** Whether a value is one. */
  export function isFloat64Array(value: any): boolean;
  /** Whether a value is one. */
  export function isBigInt64Array(value: any): boolean;
  /** Whether a value is one. */
  export function isBigUint64Array(value: any): boolean;
  const all: {
    isDate: typeof isDate;
    isMap: typeof isMap;
    isSet: typeof isSet;
    isWeakMap: typeof isWeakMap;
    isWeakSet: typeof isWeakSet;
    isRegExp: typeof isRegExp;
    isNativeError: typeof isNativeError;
    isPromise: typeof isPromise;
    isProxy: typeof isProxy;
    isArgumentsObject: typeof isArgumentsObject;
    isNumberObject: typeof isNumberObject;
    isStringObject: typeof isStringObject;
    isBooleanObject: typeof isBooleanObject;
    isBigIntObject: typeof isBigIntObject;
    isSymbolObject: typeof isSymbolObject;
    isBoxedPrimitive: typeof isBoxedPrimitive;
    isAnyArrayBuffer: typeof isAnyArrayBuffer;
    isArrayBuffer: typeof isArrayBuffer;
    isSharedArrayBuffer: typeof isSharedArrayBuffer;
    isArrayBufferView: typeof isArrayBufferView;
    isDataView: typeof isDataView;
    isTypedArray: typeof isTypedArray;
    isAsyncFunction: typeof isAsyncFunction;
    isGeneratorFunction: typeof isGeneratorFunction;
    isGeneratorObject: typeof isGeneratorObject;
    isMapIterator: typeof isMapIterator;
    isSetIterator: typeof isSetIterator;
    isExternal: typeof isExternal;
    isModuleNamespaceObject: typeof isModuleNamespaceObject;
    isKeyObject: typeof isKeyObject;
    isCryptoKey: typeof isCryptoKey;
    isUint8Array: typeof isUint8Array;
    isUint8ClampedArray: typeof isUint8ClampedArray;
    isUint16Array: typeof isUint16Array;
    isUint32Array: typeof isUint32Array;
    isInt8Array: typeof isInt8Array;
    isInt16Array: typeof isInt16Array;
    isInt32Array: typeof isInt32Array;
    isFloat32Array: typeof isFloat32Array;
    isFloat64Array: typeof isFloat64Array;
    isBigInt64Array: typeof isBigInt64Array;
    isBigUint64Array: typeof isBigUint64Array;
  };
  export default all;
}
declare module 'util/types' {
  export * from 'node:util/types';
  export { default } from 'node:util/types';
}

/** The global timers. */
declare module 'node:timers' {
  /** The global setTimeout. */
  export const setTimeout: typeof globalThis.setTimeout;
  /** The global clearTimeout. */
  export const clearTimeout: typeof globalThis.clearTimeout;
  /** The global setInterval. */
  export const setInterval: typeof globalThis.setInterval;
  /** The global clearInterval. */
  export const clearInterval: typeof globalThis.clearInterval;
  /** The global setImmediate. */
  export const setImmediate: (callback: (...args: any[]) => void, ...args: any[]) => any;
  /** The global clearImmediate. */
  export const clearImmediate: (immediate: any) => void;
  /** node:timers/promises. */
  export const promises: typeof import('node:timers/promises').default;
  const all: {
    setTimeout: typeof setTimeout;
    clearTimeout: typeof clearTimeout;
    setInterval: typeof setInterval;
    clearInterval: typeof clearInterval;
    setImmediate: typeof setImmediate;
    clearImmediate: typeof clearImmediate;
    promises: typeof promises;
  };
  export default all;
}
declare module 'timers' {
  export * from 'node:timers';
  export { default } from 'node:timers';
}

/** Timers that promise. */
declare module 'node:timers/promises' {
  /** Gives the value after some milliseconds. */
  export function setTimeout<T = void>(delay?: number, value?: T, options?: { signal?: AbortSignal; ref?: boolean }): Promise<T>;
  /** Gives the value once what is waiting has run. */
  export function setImmediate<T = void>(value?: T, options?: { signal?: AbortSignal; ref?: boolean }): Promise<T>;
  /** Gives the value again and again, for for await. */
  export function setInterval<T = void>(delay?: number, value?: T, options?: { signal?: AbortSignal; ref?: boolean }): AsyncIterableIterator<T>;
  /** wait and yield. */
  export const scheduler: { wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>; yield(): Promise<void> };
  const all: {
    setTimeout: typeof setTimeout;
    setImmediate: typeof setImmediate;
    setInterval: typeof setInterval;
    scheduler: typeof scheduler;
  };
  export default all;
}
declare module 'timers/promises' {
  export * from 'node:timers/promises';
  export { default } from 'node:timers/promises';
}

/** Addresses. Prefer the class URL: parse, format and resolve are from before its standard. */
declare module 'node:url' {
  export interface UrlObject {
    protocol?: string | null; slashes?: boolean | null; auth?: string | null; host?: string | null; port?: string | number | null; hostname?: string | null;
    hash?: string | null; search?: string | null; query?: any; pathname?: string | null; path?: string | null; href?: string;
  }
  /** The global URL. */
  export const URL: typeof globalThis.URL;
  /** The global URLSearchParams. */
  export const URLSearchParams: typeof globalThis.URLSearchParams;
  /** The path of a file: URL. */
  export function fileURLToPath(url: string | URL): string;
  /** The file: URL of a path. */
  export function pathToFileURL(path: string): URL;
  /** What http.request takes, of a URL. */
  export function urlToHttpOptions(url: URL): any;
  /** The name of a host with xn--; '' if it is none. */
  export function domainToASCII(domain: string): string;
  /** The name of a host without xn--; '' if it is none. */
  export function domainToUnicode(domain: string): string;
  /** Takes an address apart, in the way from before URL. */
  export function parse(url: string, parseQuery?: boolean, slashesDenoteHost?: boolean): UrlObject;
  /** Puts an address together. */
  export function format(url: string | URL | UrlObject, options?: { auth?: boolean; fragment?: boolean; search?: boolean; unicode?: boolean }): string;
  /** An address relative to another. */
  export function resolve(from: string, to: string): string;
  /** resolve, as an object. */
  export function resolveObject(from: any, to: any): any;
  /** The class of what parse gives. */
  export const Url: any;
  const all: {
    URL: typeof URL;
    URLSearchParams: typeof URLSearchParams;
    fileURLToPath: typeof fileURLToPath;
    pathToFileURL: typeof pathToFileURL;
    urlToHttpOptions: typeof urlToHttpOptions;
    domainToASCII: typeof domainToASCII;
    domainToUnicode: typeof domainToUnicode;
    parse: typeof parse;
    format: typeof format;
    resolve: typeof resolve;
    resolveObject: typeof resolveObject;
    Url: typeof Url;
  };
  export default all;
}
declare module 'url' {
  export * from 'node:url';
  export { default } from 'node:url';
}

/** Queries of addresses as objects. URLSearchParams does the same by a standard. */
declare module 'node:querystring' {
  /** Takes a query apart; names that occur more than once have arrays. */
  export function parse(text: string, separator?: string, equals?: string, options?: { maxKeys?: number; decodeURIComponent?: (text: string) => string }): Record<string, string | string[]>;
  /** Makes a query. */
  export function stringify(object: any, separator?: string, equals?: string, options?: { encodeURIComponent?: (text: string) => string }): string;
  /** parse. */
  export function decode(text: string, separator?: string, equals?: string, options?: any): Record<string, string | string[]>;
  /** stringify. */
  export function encode(object: any, separator?: string, equals?: string, options?: any): string;
  /** Escapes a name or a value. */
  export function escape(text: string): string;
  /** Takes escapes out. */
  export function unescape(text: string): string;
  /** Takes escapes out and gives bytes. */
  export function unescapeBuffer(text: string): any;
  const all: {
    parse: typeof parse;
    stringify: typeof stringify;
    decode: typeof decode;
    encode: typeof encode;
    escape: typeof escape;
    unescape: typeof unescape;
    unescapeBuffer: typeof unescapeBuffer;
  };
  export default all;
}
declare module 'querystring' {
  export * from 'node:querystring';
  export { default } from 'node:querystring';
}

/** Streams, with back pressure: what a stream holds beyond its highWaterMark makes those that fill it wait. */
declare module 'node:stream' {
  export interface StreamClass { new (options?: any): any; (options?: any): any; from(source: any, options?: any): any; fromWeb(stream: any, options?: any): any; toWeb(stream: any): any }
  export interface PipelineOptions { signal?: AbortSignal; end?: boolean }
  export interface FinishedOptions { readable?: boolean; writable?: boolean; error?: boolean; signal?: AbortSignal }
  /** The class of all streams, which is the default export as well. */
  export const Stream: StreamClass;
  /** What is read: for await (const chunk of stream), the events data, end, error and close, pipe. Readable.from makes one of anything that can be iterated. */
  export const Readable: StreamClass;
  /** What is written to: write, end, the events drain, finish, error and close. */
  export const Writable: StreamClass;
  /** Both. */
  export const Duplex: StreamClass;
  /** Both, where what is read is made of what was written. */
  export const Transform: StreamClass;
  /** Both, where what is read is what was written. */
  export const PassThrough: StreamClass;
  /** Connects streams, iterables and functions, calls back at the end, and destroys all when one fails. */
  export function pipeline(...parts: any[]): any;
  /** Calls back when a stream has ended or failed. */
  export function finished(stream: any, options: any, callback?: (error?: any) => void): () => void;
  /** Destroys a stream when the signal fires. */
  export function addAbortSignal<T>(signal: AbortSignal, stream: T): T;
  /** How much a stream holds before those that fill it wait: bytes or objects. */
  export function getDefaultHighWaterMark(objectMode: boolean): number;
  /** Sets it. */
  export function setDefaultHighWaterMark(objectMode: boolean, value: number): void;
  /** Whether there is more to read. */
  export function isReadable(stream: any): boolean | null;
  /** Whether a stream has failed. */
  export function isErrored(stream: any): boolean;
  /** Whether a stream was read from or cancelled. */
  export function isDisturbed(stream: any): boolean;
  /** node:stream/promises. */
  export const promises: typeof import('node:stream/promises').default;
  export { Stream as default };
}
declare module 'stream' {
  export * from 'node:stream';
  export { default } from 'node:stream';
}

/** pipeline and finished of node:stream, as promises. */
declare module 'node:stream/promises' {
  /** Connects streams, iterables and functions. The last argument may be { signal, end }. */
  export function pipeline(...parts: any[]): Promise<any>;
  /** Settles when a stream has ended or failed. */
  export function finished(stream: any, options?: any): Promise<void>;
  const all: {
    pipeline: typeof pipeline;
    finished: typeof finished;
  };
  export default all;
}
declare module 'stream/promises' {
  export * from 'node:stream/promises';
  export { default } from 'node:stream/promises';
}

/** Digests, random numbers, encryption and signatures, all done by Go's library. */
declare module 'node:crypto' {
  export interface Hash { update(data: any, inputEncoding?: string): this; digest(): any; digest(encoding: string): string; copy(): Hash; [method: string]: any }
  export interface Hmac { update(data: any, inputEncoding?: string): this; digest(): any; digest(encoding: string): string; [method: string]: any }
  export interface Cipher { update(data: any, inputEncoding?: string, outputEncoding?: string): any; final(encoding?: string): any; setAAD(data: any): this; setAutoPadding(on?: boolean): this; getAuthTag(): any; [method: string]: any }
  export interface Decipher { update(data: any, inputEncoding?: string, outputEncoding?: string): any; final(encoding?: string): any; setAAD(data: any): this; setAutoPadding(on?: boolean): this; setAuthTag(tag: any, encoding?: string): this; [method: string]: any }
  export interface KeyObject {
    readonly type: 'secret' | 'public' | 'private'; readonly asymmetricKeyType?: string; readonly asymmetricKeyDetails?: any; readonly symmetricKeySize?: number;
    export(options?: any): any; equals(other: KeyObject): boolean;
  }
  export interface Sign { update(data: any, encoding?: string): this; sign(key: any, encoding?: string): any; [method: string]: any }
  export interface Verify { update(data: any, encoding?: string): this; verify(key: any, signature: any, encoding?: string): boolean; [method: string]: any }
  export type Done<T> = (error: any, result: T) => void;
  /** A digest: createHash('sha256').update(text).digest('hex'). getHashes tells which there are. */
  export function createHash(algorithm: string, options?: any): Hash;
  /** A digest with a key. */
  export function createHmac(algorithm: string, key: any): Hmac;
  /** A digest at once. */
  export function hash(algorithm: string, data: any, outputEncoding?: string): any;
  /** Random bytes. */
  export function randomBytes(size: number, callback?: Done<any>): any;
  /** Fills a buffer with random bytes. */
  export function randomFill(buffer: any, offset: any, size?: any, callback?: Done<any>): void;
  /** Fills a buffer with random bytes. */
  export function randomFillSync<T>(buffer: T, offset?: number, size?: number): T;
  /** A random whole number, from min on and below max. */
  export function randomInt(min: number, max?: number | Done<number>, callback?: Done<number>): number;
  /** A random UUID. */
  export function randomUUID(options?: any): string;
  /** Compares bytes in a time that does not tell where they differ. */
  export function timingSafeEqual(a: any, b: any): boolean;
  /** A key of a password. */
  export function pbkdf2(password: any, salt: any, iterations: number, keylen: number, digest: string, callback: Done<any>): void;
  /** A key of a password; holds the VM meanwhile. */
  export function pbkdf2Sync(password: any, salt: any, iterations: number, keylen: number, digest: string): any;
  /** A key of a password, with { N, r, p, maxmem }. */
  export function scrypt(password: any, salt: any, keylen: number, options: any, callback?: Done<any>): void;
  /** A key of a password; holds the VM meanwhile. */
  export function scryptSync(password: any, salt: any, keylen: number, options?: any): any;
  /** A key of a key. */
  export function hkdf(digest: string, key: any, salt: any, info: any, keylen: number, callback: Done<ArrayBuffer>): void;
  /** A key of a key. */
  export function hkdfSync(digest: string, key: any, salt: any, info: any, keylen: number): ArrayBuffer;
  /** Encrypts: aes-256-gcm and the others of getCiphers. */
  export function createCipheriv(cipher: string, key: any, iv: any, options?: any): Cipher;
  /** Decrypts. Of gcm, what update gives is not yet known to be authentic. */
  export function createDecipheriv(cipher: string, key: any, iv: any, options?: any): Decipher;
  /** Signs with a private key. */
  export function createSign(algorithm: string): Sign;
  /** Verifies with a public key. */
  export function createVerify(algorithm: string): Verify;
  /** Signs at once. */
  export function sign(algorithm: string | null | undefined, data: any, key: any, callback?: Done<any>): any;
  /** Verifies at once. */
  export function verify(algorithm: string | null | undefined, data: any, key: any, signature: any, callback?: Done<boolean>): boolean;
  /** A key of bytes. */
  export function createSecretKey(key: any, encoding?: string): KeyObject;
  /** A public key of PEM, DER, a JWK, a certificate or a private key. */
  export function createPublicKey(key: any): KeyObject;
  /** A private key of PEM, DER or a JWK, without passphrase. */
  export function createPrivateKey(key: any): KeyObject;
  /** Makes a pair of keys. */
  export function generateKeyPair(type: 'rsa' | 'ec' | 'ed25519' | 'x25519', options: any, callback: (error: any, publicKey: any, privateKey: any) => void): void;
  /** Makes a pair of keys; holds the VM meanwhile. */
  export function generateKeyPairSync(type: 'rsa' | 'ec' | 'ed25519' | 'x25519', options?: any): { publicKey: any; privateKey: any };
  /** Makes a secret key. */
  export function generateKey(type: 'hmac' | 'aes', options: { length: number }, callback: Done<KeyObject>): void;
  /** Makes a secret key. */
  export function generateKeySync(type: 'hmac' | 'aes', options: { length: number }): KeyObject;
  /** The secret that two keys agree on, x25519 or ec. */
  export function diffieHellman(keys: { privateKey: KeyObject; publicKey: KeyObject }): any;
  /** Encrypts with an RSA key, with OAEP. */
  export function publicEncrypt(key: any, data: any): any;
  /** Decrypts with an RSA key, with OAEP. */
  export function privateDecrypt(key: any, data: any): any;
  /** The digests there are. */
  export function getHashes(): string[];
  /** The ciphers there are. */
  export function getCiphers(): string[];
  /** The curves there are. */
  export function getCurves(): string[];
  /** The sizes of a cipher; undefined if there is none. */
  export function getCipherInfo(cipher: string): any;
  /** RSA_PKCS1_PSS_PADDING and so on. */
  export const constants: Record<string, number>;
  /** The class of createHash. */
  export const Hash: any;
  /** The class of createHmac. */
  export const Hmac: any;
  /** The class of createCipheriv. */
  export const Cipheriv: any;
  /** The class of createDecipheriv. */
  export const Decipheriv: any;
  /** The class of createSign. */
  export const Sign: any;
  /** The class of createVerify. */
  export const Verify: any;
  /** The class of keys. */
  export const KeyObject: any;
  /** The global crypto. */
  export const webcrypto: typeof globalThis.crypto;
  /** crypto.getRandomValues. */
  export function getRandomValues<T extends ArrayBufferView>(array: T): T;
  const all: {
    createHash: typeof createHash;
    createHmac: typeof createHmac;
    hash: typeof hash;
    randomBytes: typeof randomBytes;
    randomFill: typeof randomFill;
    randomFillSync: typeof randomFillSync;
    randomInt: typeof randomInt;
    randomUUID: typeof randomUUID;
    timingSafeEqual: typeof timingSafeEqual;
    pbkdf2: typeof pbkdf2;
    pbkdf2Sync: typeof pbkdf2Sync;
    scrypt: typeof scrypt;
    scryptSync: typeof scryptSync;
    hkdf: typeof hkdf;
    hkdfSync: typeof hkdfSync;
    createCipheriv: typeof createCipheriv;
    createDecipheriv: typeof createDecipheriv;
    createSign: typeof createSign;
    createVerify: typeof createVerify;
    sign: typeof sign;
    verify: typeof verify;
    createSecretKey: typeof createSecretKey;
    createPublicKey: typeof createPublicKey;
    createPrivateKey: typeof createPrivateKey;
    generateKeyPair: typeof generateKeyPair;
    generateKeyPairSync: typeof generateKeyPairSync;
    generateKey: typeof generateKey;
    generateKeySync: typeof generateKeySync;
    diffieHellman: typeof diffieHellman;
    publicEncrypt: typeof publicEncrypt;
    privateDecrypt: typeof privateDecrypt;
    getHashes: typeof getHashes;
    getCiphers: typeof getCiphers;
    getCurves: typeof getCurves;
    getCipherInfo: typeof getCipherInfo;
    constants: typeof constants;
    Hash: typeof Hash;
    Hmac: typeof Hmac;
    Cipheriv: typeof Cipheriv;
    Decipheriv: typeof Decipheriv;
    Sign: typeof Sign;
    Verify: typeof Verify;
    KeyObject: typeof KeyObject;
    webcrypto: typeof webcrypto;
    getRandomValues: typeof getRandomValues;
  };
  export default all;
}
declare module 'crypto' {
  export * from 'node:crypto';
  export { default } from 'node:crypto';
}

/** Compression. util.promisify(gzip) and so on give promises; createGzip and so on give streams. */
declare module 'node:zlib' {
  export interface ZlibOptions { level?: number; dictionary?: any; maxOutputLength?: number; chunkSize?: number; params?: Record<number, number>; [option: string]: any }
  export type ZlibDone = (error: any, result: any) => void;
  /** Compresses for gunzip. */
  export function gzip(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Compresses for gunzip. Holds the VM meanwhile. */
  export function gzipSync(data: any, options?: ZlibOptions): any;
  /** Compresses for gunzip. A stream. */
  export function createGzip(options?: ZlibOptions): any;
  /** The class of createGzip. */
  export const Gzip: any;
  /** Decompresses what gzip has compressed. */
  export function gunzip(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Decompresses what gzip has compressed. Holds the VM meanwhile. */
  export function gunzipSync(data: any, options?: ZlibOptions): any;
  /** Decompresses what gzip has compressed. A stream. */
  export function createGunzip(options?: ZlibOptions): any;
  /** The class of createGunzip. */
  export const Gunzip: any;
  /** Compresses, with a header of zlib. */
  export function deflate(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Compresses, with a header of zlib. Holds the VM meanwhile. */
  export function deflateSync(data: any, options?: ZlibOptions): any;
  /** Compresses, with a header of zlib. A stream. */
  export function createDeflate(options?: ZlibOptions): any;
  /** The class of createDeflate. */
  export const Deflate: any;
  /** Decompresses, with a header of zlib. */
  export function inflate(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Decompresses, with a header of zlib. Holds the VM meanwhile. */
  export function inflateSync(data: any, options?: ZlibOptions): any;
  /** Decompresses, with a header of zlib. A stream. */
  export function createInflate(options?: ZlibOptions): any;
  /** The class of createInflate. */
  export const Inflate: any;
  /** Compresses, without a header. */
  export function deflateRaw(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Compresses, without a header. Holds the VM meanwhile. */
  export function deflateRawSync(data: any, options?: ZlibOptions): any;
  /** Compresses, without a header. A stream. */
  export function createDeflateRaw(options?: ZlibOptions): any;
  /** The class of createDeflateRaw. */
  export const DeflateRaw: any;
  /** Decompresses, without a header. */
  export function inflateRaw(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Decompresses, without a header. Holds the VM meanwhile. */
  export function inflateRawSync(data: any, options?: ZlibOptions): any;
  /** Decompresses, without a header. A stream. */
  export function createInflateRaw(options?: ZlibOptions): any;
  /** The class of createInflateRaw. */
  export const InflateRaw: any;
  /** Decompresses what gzip or deflate has compressed. */
  export function unzip(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Decompresses what gzip or deflate has compressed. Holds the VM meanwhile. */
  export function unzipSync(data: any, options?: ZlibOptions): any;
  /** Decompresses what gzip or deflate has compressed. A stream. */
  export function createUnzip(options?: ZlibOptions): any;
  /** The class of createUnzip. */
  export const Unzip: any;
  /** Compresses, as for Content-Encoding: br. */
  export function brotliCompress(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Compresses, as for Content-Encoding: br. Holds the VM meanwhile. */
  export function brotliCompressSync(data: any, options?: ZlibOptions): any;
  /** Compresses, as for Content-Encoding: br. A stream. */
  export function createBrotliCompress(options?: ZlibOptions): any;
  /** The class of createBrotliCompress. */
  export const BrotliCompress: any;
  /** Decompresses, as for Content-Encoding: br. */
  export function brotliDecompress(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void;
  /** Decompresses, as for Content-Encoding: br. Holds the VM meanwhile. */
  export function brotliDecompressSync(data: any, options?: ZlibOptions): any;
  /** Decompresses, as for Content-Encoding: br. A stream. */
  export function createBrotliDecompress(options?: ZlibOptions): any;
  /** The class of createBrotliDecompress. */
  export const BrotliDecompress: any;
  /** The checksum of gzip. */
  export function crc32(data: any, value?: number): number;
  /** Z_BEST_COMPRESSION, BROTLI_PARAM_QUALITY and so on. */
  export const constants: Record<string, number>;
  /** Names of results by number, and the other way round. */
  export const codes: Record<string, any>;
  const all: {
    gzip: typeof gzip;
    gzipSync: typeof gzipSync;
    createGzip: typeof createGzip;
    Gzip: typeof Gzip;
    gunzip: typeof gunzip;
    gunzipSync: typeof gunzipSync;
    createGunzip: typeof createGunzip;
    Gunzip: typeof Gunzip;
    deflate: typeof deflate;
    deflateSync: typeof deflateSync;
    createDeflate: typeof createDeflate;
    Deflate: typeof Deflate;
    inflate: typeof inflate;
    inflateSync: typeof inflateSync;
    createInflate: typeof createInflate;
    Inflate: typeof Inflate;
    deflateRaw: typeof deflateRaw;
    deflateRawSync: typeof deflateRawSync;
    createDeflateRaw: typeof createDeflateRaw;
    DeflateRaw: typeof DeflateRaw;
    inflateRaw: typeof inflateRaw;
    inflateRawSync: typeof inflateRawSync;
    createInflateRaw: typeof createInflateRaw;
    InflateRaw: typeof InflateRaw;
    unzip: typeof unzip;
    unzipSync: typeof unzipSync;
    createUnzip: typeof createUnzip;
    Unzip: typeof Unzip;
    brotliCompress: typeof brotliCompress;
    brotliCompressSync: typeof brotliCompressSync;
    createBrotliCompress: typeof createBrotliCompress;
    BrotliCompress: typeof BrotliCompress;
    brotliDecompress: typeof brotliDecompress;
    brotliDecompressSync: typeof brotliDecompressSync;
    createBrotliDecompress: typeof createBrotliDecompress;
    BrotliDecompress: typeof BrotliDecompress;
    crc32: typeof crc32;
    constants: typeof constants;
    codes: typeof codes;
  };
  export default all;
}
declare module 'zlib' {
  export * from 'node:zlib';
  export { default } from 'node:zlib';
}

/** Assertions. */
declare module 'node:assert' {
  /** Throws unless a value is truthy. It is the default export as well, with all the others as its properties. */
  export const ok: any;
  /** Compares with ==. */
  export function equal(actual: any, expected: any, message?: string | Error): void;
  /** Compares with !=. */
  export function notEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares with Object.is. */
  export function strictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares with Object.is. */
  export function notStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, with ==. */
  export function deepEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, with ==. */
  export function notDeepEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, and classes. The error shows the lines that differ. */
  export function deepStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, and classes. */
  export function notDeepStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Calls a function, which must throw: an instance of a class, what a pattern matches, what has some properties, what a function accepts. */
  export function throws(callback: () => any, expected?: any, message?: string | Error): void;
  /** Calls a function, which must not throw. */
  export function doesNotThrow(callback: () => any, expected?: any, message?: string | Error): void;
  /** throws, of a promise. */
  export function rejects(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>;
  /** doesNotThrow, of a promise. */
  export function doesNotReject(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>;
  /** A text must match a pattern. */
  export function match(text: string, pattern: RegExp, message?: string | Error): void;
  /** A text must not match a pattern. */
  export function doesNotMatch(text: string, pattern: RegExp, message?: string | Error): void;
  /** Throws unless the value is null or undefined. */
  export function ifError(value: any): void;
  /** Throws. */
  export function fail(message?: string | Error): never;
  /** node:assert/strict. */
  export const strict: any;
  /** What they throw, with actual, expected and operator. */
  export const AssertionError: any;
  export { ok as default };
}
declare module 'assert' {
  export * from 'node:assert';
  export { default } from 'node:assert';
}

/** node:assert, where equal is strictEqual, and so on. */
declare module 'node:assert/strict' {
  /** Throws unless a value is truthy. It is the default export as well, with all the others as its properties. */
  export const ok: any;
  /** Compares with ==. */
  export function equal(actual: any, expected: any, message?: string | Error): void;
  /** Compares with !=. */
  export function notEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares with Object.is. */
  export function strictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares with Object.is. */
  export function notStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, with ==. */
  export function deepEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, with ==. */
  export function notDeepEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, and classes. The error shows the lines that differ. */
  export function deepStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Compares what is inside, and classes. */
  export function notDeepStrictEqual(actual: any, expected: any, message?: string | Error): void;
  /** Calls a function, which must throw: an instance of a class, what a pattern matches, what has some properties, what a function accepts. */
  export function throws(callback: () => any, expected?: any, message?: string | Error): void;
  /** Calls a function, which must not throw. */
  export function doesNotThrow(callback: () => any, expected?: any, message?: string | Error): void;
  /** throws, of a promise. */
  export function rejects(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>;
  /** doesNotThrow, of a promise. */
  export function doesNotReject(promise: Promise<any> | (() => Promise<any>), expected?: any, message?: string | Error): Promise<void>;
  /** A text must match a pattern. */
  export function match(text: string, pattern: RegExp, message?: string | Error): void;
  /** A text must not match a pattern. */
  export function doesNotMatch(text: string, pattern: RegExp, message?: string | Error): void;
  /** Throws unless the value is null or undefined. */
  export function ifError(value: any): void;
  /** Throws. */
  export function fail(message?: string | Error): never;
  /** node:assert/strict. */
  export const strict: any;
  /** What they throw, with actual, expected and operator. */
  export const AssertionError: any;
  export { ok as default };
}
declare module 'assert/strict' {
  export * from 'node:assert/strict';
  export { default } from 'node:assert/strict';
}

/** The client side of HTTP, for packages that need it; fetch is better otherwise, and sends through the same door. Redirects are not followed. Bodies that are gzip or deflate come decoded, without the header that says so. */
declare module 'node:http' {
  export interface RequestOptions {
    protocol?: string; host?: string; hostname?: string; port?: number | string; path?: string; method?: string; headers?: any; auth?: string; timeout?: number; agent?: any; signal?: AbortSignal; [option: string]: any;
  }
  export type Respond = (response: any) => void;
  /** Makes a request (--allow-net): write(data), end(), the events response, error and timeout. What is written goes out as it comes. Connections are pooled by the worker. */
  export function request(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any;
  /** request and end(). */
  export function get(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any;
  /** Says of which protocol requests are. Connections are pooled by the worker, whatever its options. */
  export const Agent: any;
  /** The agent of requests that name none. */
  export const globalAgent: any;
  /** The class of what request gives, a Writable. */
  export const ClientRequest: any;
  /** The class of responses, a Readable with statusCode and headers. */
  export const IncomingMessage: any;
  /** The methods of HTTP. */
  export const METHODS: string[];
  /** The text of each status. */
  export const STATUS_CODES: Record<string, string>;
  /** How many bytes the headers of a response may have. */
  export const maxHeaderSize: number;
  /** Throws unless it may be the name of a header. */
  export function validateHeaderName(name: string): void;
  /** Throws unless it may be the value of a header. */
  export function validateHeaderValue(name: string, value: any): void;
  const all: {
    request: typeof request;
    get: typeof get;
    Agent: typeof Agent;
    globalAgent: typeof globalAgent;
    ClientRequest: typeof ClientRequest;
    IncomingMessage: typeof IncomingMessage;
    METHODS: typeof METHODS;
    STATUS_CODES: typeof STATUS_CODES;
    maxHeaderSize: typeof maxHeaderSize;
    validateHeaderName: typeof validateHeaderName;
    validateHeaderValue: typeof validateHeaderValue;
  };
  export default all;
}
declare module 'http' {
  export * from 'node:http';
  export { default } from 'node:http';
}

/** node:http with TLS. Certificates are always checked, against those that the system trusts, NODE_EXTRA_CA_CERTS and authorities in hatchet-js.json; response.socket.getPeerCertificate() tells of the server's. */
declare module 'node:https' {
  export interface RequestOptions {
    protocol?: string; host?: string; hostname?: string; port?: number | string; path?: string; method?: string; headers?: any; auth?: string; timeout?: number; agent?: any; signal?: AbortSignal; [option: string]: any;
  }
  export type Respond = (response: any) => void;
  /** Makes a request (--allow-net): write(data), end(), the events response, error and timeout. What is written goes out as it comes. Connections are pooled by the worker. */
  export function request(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any;
  /** request and end(). */
  export function get(url: string | URL | RequestOptions, options?: RequestOptions | Respond, callback?: Respond): any;
  /** Says of which protocol requests are. Connections are pooled by the worker, whatever its options. */
  export const Agent: any;
  /** The agent of requests that name none. */
  export const globalAgent: any;
  const all: {
    request: typeof request;
    get: typeof get;
    Agent: typeof Agent;
    globalAgent: typeof globalAgent;
  };
  export default all;
}
declare module 'https' {
  export * from 'node:https';
  export { default } from 'node:https';
}

/** The lines of a stream: for await (const line of createInterface({ input })). */
declare module 'node:readline' {
  /** Reads a stream line by line: for await, or the events line and close. */
  export function createInterface(options: { input: any; crlfDelay?: number; signal?: AbortSignal }): any;
  /** The class of what createInterface gives. */
  export const Interface: any;
  const all: {
    createInterface: typeof createInterface;
    Interface: typeof Interface;
  };
  export default all;
}
declare module 'readline' {
  export * from 'node:readline';
  export { default } from 'node:readline';
}

/** The global performance. */
declare module 'node:perf_hooks' {
  /** The global performance. */
  export const performance: typeof globalThis.performance;
  const all: {
    performance: typeof performance;
  };
  export default all;
}
declare module 'perf_hooks' {
  export * from 'node:perf_hooks';
  export { default } from 'node:perf_hooks';
}

/** Whether there is a terminal: there is none. */
declare module 'node:tty' {
  /** false. */
  export function isatty(fd: number): boolean;
  const all: {
    isatty: typeof isatty;
  };
  export default all;
}
declare module 'tty' {
  export * from 'node:tty';
  export { default } from 'node:tty';
}

/** Messages between packages that do not know each other. */
declare module 'node:diagnostics_channel' {
  /** The channel of a name: publish, subscribe, unsubscribe, hasSubscribers. */
  export function channel(name: string | symbol): any;
  /** Hears of what is published. */
  export function subscribe(name: string | symbol, listener: (message: any, name: string | symbol) => void): void;
  /** Undoes subscribe. */
  export function unsubscribe(name: string | symbol, listener: (message: any, name: string | symbol) => void): boolean;
  /** Whether anybody hears. */
  export function hasSubscribers(name: string | symbol): boolean;
  /** Five channels for the beginning, the end and the failure of a call. */
  export function tracingChannel(name: any): any;
  /** The class of channels. */
  export const Channel: any;
  const all: {
    channel: typeof channel;
    subscribe: typeof subscribe;
    unsubscribe: typeof unsubscribe;
    hasSubscribers: typeof hasSubscribers;
    tracingChannel: typeof tracingChannel;
    Channel: typeof Channel;
  };
  export default all;
}
declare module 'diagnostics_channel' {
  export * from 'node:diagnostics_channel';
  export { default } from 'node:diagnostics_channel';
}

/** Names of hosts with xn--, for old packages. */
declare module 'node:punycode' {
  /** The name of a host with xn--. */
  export function toASCII(domain: string): string;
  /** The name of a host without xn--. */
  export function toUnicode(domain: string): string;
  /** A text as Punycode. */
  export function encode(text: string): string;
  /** Punycode as a text. */
  export function decode(text: string): string;
  const all: {
    toASCII: typeof toASCII;
    toUnicode: typeof toUnicode;
    encode: typeof encode;
    decode: typeof decode;
  };
  export default all;
}
declare module 'punycode' {
  export * from 'node:punycode';
  export { default } from 'node:punycode';
}

/** What packages ask to learn that they are not in a thread. */
declare module 'node:worker_threads' {
  /** true. */
  export const isMainThread: boolean;
  /** null. */
  export const parentPort: null;
  /** null. */
  export const workerData: null;
  /** 0. */
  export const threadId: number;
  const all: {
    isMainThread: typeof isMainThread;
    parentPort: typeof parentPort;
    workerData: typeof workerData;
    threadId: typeof threadId;
  };
  export default all;
}
declare module 'worker_threads' {
  export * from 'node:worker_threads';
  export { default } from 'node:worker_threads';
}

/** What packages ask to learn that they are not in a cluster. */
declare module 'node:cluster' {
  /** true. */
  export const isPrimary: boolean;
  /** true. */
  export const isMaster: boolean;
  /** false. */
  export const isWorker: boolean;
  const all: {
    isPrimary: typeof isPrimary;
    isMaster: typeof isMaster;
    isWorker: typeof isWorker;
  };
  export default all;
}
declare module 'cluster' {
  export * from 'node:cluster';
  export { default } from 'node:cluster';
}

declare var Buffer: typeof import('node:buffer').Buffer;
type Buffer = import('node:buffer').Buffer;
declare var process: typeof import('node:process').default;
