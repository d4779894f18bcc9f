package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// notifier holds the watches on folders, by their real paths.
type notifier struct {
	watcher *fsnotify.Watcher
	folders map[string]fs.FileInfo // watched, to notice another one of the name
	names   map[string]bool        // real paths of files and links that matter whatever they are called
}

func newNotifier() (*notifier, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("start watching: %w", err)
	}
	return &notifier{watcher: watcher, folders: map[string]fs.FileInfo{}}, nil
}

func (n *notifier) close() { n.watcher.Close() }

// sync watches the folders of a snapshot and no others. It returns how many
// were not watched before.
func (n *notifier) sync(now snapshot) (added int, err error) {
	n.names = map[string]bool{}
	for link := range now.links {
		n.names[link] = true
	}
	for _, f := range now.files {
		n.names[f.real] = true
	}
	n.forget(now.folders)
	for folder := range now.folders {
		if _, watched := n.folders[folder]; watched {
			continue
		}
		info, err := os.Stat(folder)
		if err != nil {
			continue // gone meanwhile
		}
		if err := n.watcher.Add(folder); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		} else if err != nil {
			return added, fmt.Errorf("watch %s: %w", folder, err)
		}
		n.folders[folder] = info
		added++
	}
	return added, nil
}

// forget drops watches that are of no use: on folders no longer asked for, and
// on those that were replaced by another of the same name.
func (n *notifier) forget(wanted map[string]bool) {
	living := map[string]bool{}
	for _, folder := range n.watcher.WatchList() {
		living[folder] = true
	}
	for folder, info := range n.folders {
		now, err := os.Stat(folder)
		if wanted[folder] && living[folder] && err == nil && os.SameFile(info, now) {
			continue
		}
		if living[folder] {
			_ = n.watcher.Remove(folder) // it may have gone by itself meanwhile
		}
		delete(n.folders, folder)
	}
}

// concerns reports whether an event may mean that a file changed. Hidden names
// and the like do not, except where a link leads through them.
func (n *notifier) concerns(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	if n.names[event.Name] || n.folders[event.Name] != nil {
		return true
	}
	if discover.Ignored(name) {
		return false
	}
	if discover.Importable(name) {
		return true
	}
	if !event.Has(fsnotify.Create) {
		return false
	}
	info, err := os.Lstat(event.Name)
	return err == nil && (info.IsDir() || info.Mode()&fs.ModeSymlink != 0)
}
