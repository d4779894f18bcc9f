package glue

import (
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

//go:embed s3.js
var s3Script string

const s3Types = `interface S3Options {
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
}`

// s3Module is hatchet:s3.
var s3Module = native.Module{
	Name: "hatchet:s3",
	Doc: "Objects in Amazon S3, MinIO, R2 and what speaks S3's protocol (--allow-net). Requests count towards the limit fetches; they go to the endpoint alone, without a proxy. " +
		"Errors have the name S3Error, as code the server's word (NoSuchKey, AccessDenied) or ECONNREFUSED and its like, and a status.",
	Members: []member{
		{Name: "open", Type: "(options: S3Options): S3Bucket", Length: 1, Doc: "A bucket. It connects when it is first used; its connections end with the run."},
	},
	Script:  s3Script,
	Natives: []member{iterable, {Name: "open", Call: openS3}},
	Types:   s3Types,
	Example: `import s3 from 'hatchet:s3'

const bucket = s3.open({ endpoint: process.env.S3_ENDPOINT, bucket: 'reports', accessKeyId: 'app', secretAccessKey: process.env.S3_SECRET })
await bucket.put('2026/01.csv', 'sku,count\ntea,3\n', { contentType: 'text/csv' })
console.log((await bucket.get('2026/01.csv')).toString().length) // -> 16
console.log((await bucket.list('2026/')).map((object) => object.key)) // -> [ '2026/01.csv' ]`,
}

// Bounds of requests.
const (
	s3Part      = 8 << 20
	s3Piece     = 64 << 10
	s3Retries   = 3
	s3Handshake = 10 * time.Second
)

// s3Handle is a bucket as a script has it.
type s3Handle struct {
	*native.Host
	bucket   string
	endpoint *url.URL
	options  minio.Options
	tls      *tls.Config

	mu     sync.Mutex
	run    *permit.Run
	client *minio.Client
}

func openS3(h *native.Host, call goja.FunctionCall) goja.Value {
	b := bagOf(h, native.Object(h.Runtime, call.Argument(0), "s3.open: the options"), "s3.open",
		"endpoint", "bucket", "region", "accessKeyId", "secretAccessKey", "sessionToken", "pathStyle", "ca")
	endpoint, err := url.Parse(b.required("endpoint"))
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Path != "" && endpoint.Path != "/" || endpoint.RawQuery != "" || endpoint.User != nil {
		native.Throw(h.Runtime, "s3.open: endpoint must be a URL such as https://s3.eu-central-1.amazonaws.com")
	}
	s := &s3Handle{Host: h, bucket: b.required("bucket"), endpoint: endpoint, tls: &tls.Config{}}
	s.options = minio.Options{Secure: endpoint.Scheme == "https", Region: b.text("region", "us-east-1"), MaxRetries: s3Retries,
		Creds: credentials.NewStaticV4(b.text("accessKeyId", ""), b.text("secretAccessKey", ""), b.text("sessionToken", ""))}
	if v := b.get("pathStyle"); v != nil {
		s.options.BucketLookup = map[bool]minio.BucketLookupType{true: minio.BucketLookupPath, false: minio.BucketLookupDNS}[b.flag("pathStyle", true)]
	}
	if text := b.text("ca", ""); text != "" {
		roots, err := rootsOf(text)
		if err != nil {
			native.Throw(h.Runtime, "s3.open: %v", err)
		}
		s.tls.RootCAs = roots
	}
	if _, err := s.make(nil); err != nil {
		native.Throw(h.Runtime, "s3.open: %v", err)
	}
	return defineOn(h, h.Runtime.NewObject(), s, s3Members...)
}

func (s *s3Handle) make(transport http.RoundTripper) (*minio.Client, error) {
	options := s.options
	options.Transport = transport
	return minio.New(s.endpoint.Host, &options)
}

// of is the client of the run of ctx.
func (s *s3Handle) of(ctx context.Context) (*minio.Client, error) {
	run := permit.From(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == run {
		return s.client, nil
	}
	transport := &http.Transport{
		// The context of a connection is of the request that wanted it first, so it
		// is asked for in the name of the run.
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return run.Dial(ctx, network, address)
		},
		TLSClientConfig:     s.tls.Clone(),
		TLSHandshakeTimeout: s3Handshake,
		ForceAttemptHTTP2:   true,
		DisableCompression:  true, // an object is what it is
	}
	client, err := s.make(&countingTransport{transport, run})
	if err != nil {
		return nil, err
	}
	if _, err := run.Own(closer(func() error { transport.CloseIdleConnections(); return nil })); err != nil {
		return nil, err
	}
	s.run, s.client = run, client
	return client, nil
}

// countingTransport counts requests towards the run's limit. In a test it has
// doubles answer them.
type countingTransport struct {
	http.RoundTripper
	run *permit.Run
}

// RoundTrip sends a request.
func (c *countingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if response, ok, err := c.run.Exchange(request.Context(), request); ok || err != nil {
		return response, err
	}
	if err := c.run.Count(request.Context(), permit.Fetches, 1); err != nil {
		return nil, err
	}
	return c.RoundTripper.RoundTrip(request)
}

// failed words an error.
func (s *s3Handle) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known := passed(ctx, err); known != nil {
		return known
	}
	var said minio.ErrorResponse
	f := &failure{name: "S3Error", err: err, code: networkCode(err)}
	if errors.As(err, &said) && said.Code != "" {
		f.code, f.details = said.Code, map[string]any{"status": int64(said.StatusCode)}
	}
	return f
}
