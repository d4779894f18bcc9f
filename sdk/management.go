package sdk

import (
	"context"
	"errors"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
)

// What follows makes host the hatchet.Management of scripts.

func (h *host) REST(ctx context.Context, request hatchet.APIRequest) (*hatchet.APIAnswer, error) {
	traced := h.scheduled(h.attempt.Within(ctx), &request)
	got, err := h.worker.client.REST(ctx, client.Request{
		Method: request.Method, Path: request.Path, Query: request.Query, Body: request.Body,
	})
	traced(err)
	if err != nil {
		return nil, apiError(err)
	}
	return &hatchet.APIAnswer{Body: got.Body, JSON: got.JSON}, nil
}

// apiError turns a refusal into the error that scripts see.
func apiError(err error) error {
	var refused *client.RESTError
	if errors.As(err, &refused) {
		return &hatchet.APIError{Status: refused.HTTP, Message: err.Error()}
	}
	return err
}

func (h *host) FindWorkflow(ctx context.Context, name string) ([]byte, error) {
	listed, err := h.worker.client.Workflow(ctx, name)
	return listed, apiError(err)
}

func (h *host) WireName(workflow string) string {
	return h.worker.options.Server.namespace.Workflow(workflow)
}

func (h *host) Details(ctx context.Context, runID string) (*hatchet.Details, error) {
	details, err := h.worker.client.Details(ctx, runID)
	if err != nil {
		return nil, err
	}
	return &hatchet.Details{
		Status: string(details.Status), Done: details.Done, Evicted: details.Evicted, Input: details.Input,
		AdditionalMetadata: details.AdditionalMetadata, Tasks: taskResults(details.Tasks),
	}, nil
}

func (h *host) PutRateLimit(ctx context.Context, key string, limit int, window string) error {
	return h.worker.client.PutRateLimit(ctx, key, limit, window)
}

func (h *host) Follow(ctx context.Context, runID string, each func(event hatchet.RunEvent) error) error {
	return h.worker.client.Follow(ctx, runID, func(event client.RunEvent) error { return each(hatchet.RunEvent(event)) })
}

func (h *host) UpsertLabels(ctx context.Context, labels map[string]any) error {
	return h.worker.worker.UpsertLabels(ctx, workerLabels(labels))
}

// plainLabels are labels as scripts see them: string or int32 values.
func plainLabels(labels map[string]worker.Label) map[string]any {
	plain := make(map[string]any, len(labels))
	for key, label := range labels {
		if label.Number != nil {
			plain[key] = *label.Number
		} else {
			plain[key] = label.Text
		}
	}
	return plain
}
