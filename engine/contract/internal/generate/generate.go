package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// folders hold the .proto files, relative to the module.
var folders = []string{"engine/contract", "engine/contract/v1"}

// plugins are run in this order; each is a tool dependency of the module.
var plugins = []struct{ tool, parameter string }{
	{tool: "protoc-gen-go", parameter: "paths=source_relative"},
	{tool: "protoc-gen-go-grpc", parameter: "paths=source_relative"},
}

// generate compiles the .proto files of the module at root and writes what the
// plugins make of them below out, each beside where its .proto file is below
// root.
func generate(ctx context.Context, root, out string) error {
	names, err := sources(root)
	if err != nil {
		return err
	}
	files, err := compile(ctx, root, names)
	if err != nil {
		return err
	}
	for _, plugin := range plugins {
		request := &pluginpb.CodeGeneratorRequest{
			FileToGenerate: names,
			Parameter:      proto.String(plugin.parameter),
			ProtoFile:      files,
		}
		response, err := run(ctx, root, plugin.tool, request)
		if err != nil {
			return err
		}
		if err := write(out, response.GetFile()); err != nil {
			return err
		}
	}
	return nil
}

// sources lists the .proto files as slash-separated paths relative to root, in
// a fixed order.
func sources(root string) ([]string, error) {
	var names []string
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.proto"))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("no .proto file in %s below %s: give the module's folder by -root", folder, root)
		}
		for _, file := range found {
			names = append(names, path.Join(folder, filepath.Base(file)))
		}
	}
	return names, nil
}

// compile gives the descriptors of the named files and of all they import, every
// file after those it imports.
func compile(ctx context.Context, root string, names []string) ([]*descriptorpb.FileDescriptorProto, error) {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			ImportPaths: []string{root},
		}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return sorted(compiled), nil
}

// sorted puts every file after those it imports.
func sorted(compiled linker.Files) []*descriptorpb.FileDescriptorProto {
	var files []*descriptorpb.FileDescriptorProto
	var seen []string
	var visit func(protoreflect.FileDescriptor)
	visit = func(file protoreflect.FileDescriptor) {
		if slices.Contains(seen, file.Path()) {
			return
		}
		seen = append(seen, file.Path())
		imports := file.Imports()
		for i := range imports.Len() {
			visit(imports.Get(i).FileDescriptor)
		}
		files = append(files, protodesc.ToFileDescriptorProto(file))
	}
	for _, file := range compiled {
		visit(file)
	}
	return files
}

// run feeds a request to a plugin and returns its answer.
func run(ctx context.Context, root, tool string, request *pluginpb.CodeGeneratorRequest) (*pluginpb.CodeGeneratorResponse, error) {
	in, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("%s: marshal the request: %w", tool, err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "tool", tool)
	cmd.Dir = root
	cmd.Stdin = bytes.NewReader(in)
	cmd.Stdout = &stdout
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go tool %s: %w: %s", tool, err, bytes.TrimSpace(stderr.Bytes()))
	}
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(stdout.Bytes(), response); err != nil {
		return nil, fmt.Errorf("go tool %s: unmarshal the response: %w", tool, err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("go tool %s: %w", tool, errors.New(response.GetError()))
	}
	return response, nil
}

// write stores generated files below out.
func write(out string, files []*pluginpb.CodeGeneratorResponse_File) error {
	for _, file := range files {
		target := filepath.Join(out, filepath.FromSlash(file.GetName()))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
