package glue

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/dop251/goja"
	"github.com/minio/minio-go/v7"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

var s3Members = []native.Member[*s3Handle]{
	{Name: "put", Async: (*s3Handle).put}, {Name: "upload", Call: (*s3Handle).upload}, {Name: "get", Async: (*s3Handle).get},
	{Name: "open", Async: (*s3Handle).open}, {Name: "head", Async: (*s3Handle).head}, {Name: "list", Async: (*s3Handle).list},
	{Name: "delete", Async: (*s3Handle).remove}, {Name: "presign", Async: (*s3Handle).presign},
}

func (s *s3Handle) key(call goja.FunctionCall, what string) string {
	return native.NonEmpty(s.Runtime, call.Argument(0), what+": the key")
}

func (s *s3Handle) putOptions(v goja.Value) minio.PutObjectOptions {
	b := bagOf(s.Host, v, "put", "contentType", "metadata", "cacheControl")
	options := minio.PutObjectOptions{ContentType: b.text("contentType", "application/octet-stream"), CacheControl: b.text("cacheControl", ""), PartSize: s3Part}
	if metadata := b.get("metadata"); metadata != nil {
		object := native.Object(s.Runtime, metadata, b.label("metadata"))
		options.UserMetadata = map[string]string{}
		for _, name := range object.Keys() {
			options.UserMetadata[name] = native.String(s.Runtime, object.Get(name), b.label("metadata."+name))
		}
	}
	return options
}

func (s *s3Handle) store(ctx context.Context, key string, data io.Reader, size int64, options minio.PutObjectOptions) (any, error) {
	client, err := s.of(ctx)
	if err != nil {
		return nil, err
	}
	info, err := client.PutObject(ctx, s.bucket, key, data, size, options)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return native.Record{{Name: "etag", Value: info.ETag}, {Name: "size", Value: info.Size}}, nil
}

func (s *s3Handle) put(call goja.FunctionCall) native.Work {
	key, data, options := s.key(call, "put"), bytesOf(s.Host, call.Argument(1), "put: the data"), s.putOptions(call.Argument(2))
	return func(ctx context.Context) (any, error) {
		return s.store(ctx, key, bytes.NewReader(data), int64(len(data)), options)
	}
}

// s3Upload is an object that is stored while its pieces come.
type s3Upload struct {
	*s3Handle
	in  *io.PipeReader
	out *io.PipeWriter
}

var errAborted = errors.New("the data that was to be stored could not be read")

func (s *s3Handle) upload(call goja.FunctionCall) goja.Value {
	key, options := s.key(call, "put"), s.putOptions(call.Argument(1))
	u := &s3Upload{s3Handle: s}
	u.in, u.out = io.Pipe()
	return defineOn(s.Host, s.Runtime.NewObject(), u,
		native.Member[*s3Upload]{Name: "done", Async: func(u *s3Upload, _ goja.FunctionCall) native.Work {
			return func(ctx context.Context) (any, error) {
				defer context.AfterFunc(ctx, func() { _ = u.in.CloseWithError(context.Cause(ctx)) })()
				stored, err := u.store(ctx, key, options)
				_ = u.in.CloseWithError(err) // whoever writes must not wait
				return stored, err
			}
		}},
		native.Member[*s3Upload]{Name: "write", Async: func(u *s3Upload, call goja.FunctionCall) native.Work {
			data := bytesOf(s.Host, call.Argument(0), "put: a piece")
			return func(context.Context) (any, error) {
				_, _ = u.out.Write(data) // what went wrong is told by done
				return nil, nil
			}
		}},
		native.Member[*s3Upload]{Name: "end", Call: func(u *s3Upload, _ goja.FunctionCall) goja.Value { return u.close(nil) }},
		native.Member[*s3Upload]{Name: "abort", Call: func(u *s3Upload, _ goja.FunctionCall) goja.Value { return u.close(errAborted) }})
}

// store sends what fits into one part as a whole, in one request.
func (u *s3Upload) store(ctx context.Context, key string, options minio.PutObjectOptions) (any, error) {
	var first bytes.Buffer
	switch size, err := io.CopyN(&first, u.in, s3Part); {
	case errors.Is(err, io.EOF):
		return u.s3Handle.store(ctx, key, bytes.NewReader(first.Bytes()), size, options)
	case err != nil:
		return nil, u.failed(ctx, err)
	}
	return u.s3Handle.store(ctx, key, io.MultiReader(&first, u.in), -1, options)
}

func (u *s3Upload) close(err error) goja.Value {
	_ = u.out.CloseWithError(err) // never fails
	return goja.Undefined()
}

func (s *s3Handle) fetch(ctx context.Context, key string) (*minio.Object, error) {
	client, err := s.of(ctx)
	if err != nil {
		return nil, err
	}
	object, err := client.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	return object, nil
}

func (s *s3Handle) get(call goja.FunctionCall) native.Work {
	key := s.key(call, "get")
	return func(ctx context.Context) (any, error) {
		object, err := s.fetch(ctx, key)
		if err != nil {
			return nil, err
		}
		defer object.Close()
		var body io.Reader = object
		most := permit.From(ctx).Limits().FetchBody
		if most > 0 {
			body = io.LimitReader(object, most+1)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		if most > 0 && int64(len(data)) > most {
			return nil, permit.From(ctx).FetchBodyError(ctx, key)
		}
		return data, nil
	}
}

// s3Body is an object that is read piece by piece.
type s3Body struct {
	*s3Handle
	object *minio.Object
	owned  *permit.Owned
}

func (s *s3Handle) open(call goja.FunctionCall) native.Work {
	key := s.key(call, "stream")
	return func(ctx context.Context) (any, error) {
		object, err := s.fetch(ctx, key)
		if err != nil {
			return nil, err
		}
		owned, err := permit.From(ctx).Own(object)
		if err != nil {
			return nil, err
		}
		return func() goja.Value {
			return defineOn(s.Host, s.Runtime.NewObject(), &s3Body{s, object, owned},
				native.Member[*s3Body]{Name: "next", Async: (*s3Body).next},
				native.Member[*s3Body]{Name: "close", Async: func(b *s3Body, _ goja.FunctionCall) native.Work {
					return func(context.Context) (any, error) { return nil, b.owned.Close() }
				}})
		}, nil
	}
}

func (b *s3Body) next(goja.FunctionCall) native.Work {
	return func(ctx context.Context) (any, error) {
		data := make([]byte, s3Piece)
		n, err := io.ReadFull(b.object, data)
		switch {
		case n > 0 && (err == nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
			return data[:n], nil
		case errors.Is(err, io.EOF):
			return goja.Null(), nil
		}
		return nil, b.failed(ctx, err)
	}
}

// described is what scripts see of an object.
func (s *s3Handle) described(info minio.ObjectInfo) native.Record {
	record := native.Record{{Name: "key", Value: info.Key}, {Name: "size", Value: info.Size}, {Name: "etag", Value: info.ETag},
		{Name: "lastModified", Value: func() goja.Value { return dateOf(s.Host, info.LastModified) }}}
	if info.ContentType != "" {
		record = append(record, native.Field{Name: "contentType", Value: info.ContentType})
	}
	if len(info.UserMetadata) > 0 {
		metadata := map[string]any{}
		for name, value := range info.UserMetadata {
			metadata[name] = value
		}
		record = append(record, native.Field{Name: "metadata", Value: metadata})
	}
	return record
}

func (s *s3Handle) head(call goja.FunctionCall) native.Work {
	key := s.key(call, "head")
	return func(ctx context.Context) (any, error) {
		client, err := s.of(ctx)
		if err != nil {
			return nil, err
		}
		info, err := client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		return s.described(info), nil
	}
}

func (s *s3Handle) list(call goja.FunctionCall) native.Work {
	prefix := ""
	if v := call.Argument(0); !native.Missing(v) {
		prefix = native.String(s.Runtime, v, "list: the prefix")
	}
	limit := bagOf(s.Host, call.Argument(1), "list", "limit").integer("limit", 0, 1, 1<<31)
	return func(ctx context.Context) (any, error) {
		client, err := s.of(ctx)
		if err != nil {
			return nil, err
		}
		list := []any{}
		for info := range client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if info.Err != nil {
				return nil, s.failed(ctx, info.Err)
			}
			if list = append(list, s.described(info)); len(list) == limit {
				break
			}
		}
		return list, nil
	}
}

func (s *s3Handle) remove(call goja.FunctionCall) native.Work {
	key := s.key(call, "delete")
	return func(ctx context.Context) (any, error) {
		client, err := s.of(ctx)
		if err != nil {
			return nil, err
		}
		return nil, s.failed(ctx, client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}))
	}
}

func (s *s3Handle) presign(call goja.FunctionCall) native.Work {
	key := s.key(call, "presign")
	b := bagOf(s.Host, call.Argument(1), "presign", "method", "expires")
	method, expires := b.choice("method", http.MethodGet, http.MethodGet, http.MethodPut), b.duration("expires", 15*time.Minute)
	if expires < time.Second || expires > 7*24*time.Hour {
		native.Throw(s.Runtime, "presign: expires must be between 1s and 7d")
	}
	return func(ctx context.Context) (any, error) {
		client, err := s.of(ctx)
		if err != nil {
			return nil, err
		}
		signed, err := client.Presign(ctx, method, s.bucket, key, expires, nil)
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		return signed.String(), nil
	}
}
