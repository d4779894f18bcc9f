package bundle

import (
	"regexp"
	"strings"
)

// Programs ask whether they are the one that was started, so that a file can be
// imported as well: if (require.main === module) main(). Here a folder is served
// and no file of it was started. The answer is what its author would do by hand:
// who serves a folder starts the files that start a worker, and would not start
// the others, which trigger runs.
var (
	mainGuard   = regexp.MustCompile(`\brequire\s*\.\s*main\s*={2,3}\s*module\b|\bmodule\s*={2,3}\s*require\s*\.\s*main\b`)
	startWorker = regexp.MustCompile(`\.\s*worker\s*\(`)
)

// answerGuard puts the answer in the question's place, at the same length: so
// no position changes.
func (b *build) answerGuard(path, text string) string {
	if !strings.Contains(text, "require") {
		return text
	}
	answer := "false"
	if path == b.names.real && startWorker.MatchString(text) {
		answer = "true"
	}
	return mainGuard.ReplaceAllStringFunc(text, func(question string) string {
		if strings.Contains(question, "\n") {
			return question
		}
		return answer + strings.Repeat(" ", len(question)-len(answer))
	})
}
