package serve

import "net/http"

// HTTP is the REST face.
func (f *Faces) HTTP() http.Handler { return http.NotFoundHandler() }
