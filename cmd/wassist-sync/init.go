package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"wassist-sync/spec"
)

// beginnings are the files that init writes, for definitions in agents. The
// workflow is the one of docs/github.md, the settings those of docs/editors.md.
//
//go:embed init
var beginnings embed.FS

func newInit(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "init [PATH]",
		Short: "Write a first definition, the workflow for GitHub and the editor's settings",
		Long: `Writes what a repository needs to begin with, and says what to do next:

  PATH/first-agent.yaml             a first definition, and its prompt; only where
                                    PATH (default: agents) has no definition yet
  .github/workflows/wassist.yml     plans on pull requests, applies on merges, and
                                    looks every night for what somebody changed
  .vscode/settings.json             what VS Code needs to complete and check
  .vscode/extensions.json           definitions

The last three stand at the top of the repository that PATH is in. A file that
exists is left as it is. Nothing is sent anywhere.`,
		Example: `  wassist-sync init
  wassist-sync init shop/agents`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.begin(cmd.Context(), filepath.Clean(path(args)))
		},
	}
}

// beginning is one file to write.
type beginning struct {
	name    string // as its author would open it
	content []byte
}

// begin writes the files, and tells of each. folder is PATH.
func (c console) begin(ctx context.Context, folder string) error {
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return usage("%s is a file; name the folder of the definitions", folder)
	}
	top, inside, err := repositoryOf(folder)
	if err != nil {
		return err
	}
	var files []beginning
	defined, err := hasDefinitions(folder)
	switch {
	case err != nil:
		return err
	case defined:
		fmt.Fprintf(c.out, "left   %s: it has definitions\n", folder)
	default:
		// The prompt comes first: a definition without it would be invalid.
		files = append(files, begun(filepath.Join(folder, "prompts", "first-agent.md"), "first-agent.md"),
			begun(filepath.Join(folder, "first-agent.yaml"), "first-agent.yaml"))
	}
	workflow := begun(filepath.Join(top, ".github", "workflows", "wassist.yml"), "wassist.yml")
	workflow.content = workflowFor(workflow.content, inside)
	settings := begun(filepath.Join(top, ".vscode", "settings.json"), "settings.json")
	settings.content = settingsFor(settings.content, inside)
	files = append(files, workflow, settings, begun(filepath.Join(top, ".vscode", "extensions.json"), "extensions.json"))
	left := map[string]bool{}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped before writing %s; run it again for the rest: %w", file.name, err)
		}
		switch err := writeBeginning(top, file); {
		case errors.Is(err, fs.ErrExist):
			fmt.Fprintf(c.out, "left   %s: it exists\n", file.name)
			left[file.name] = true
		case err != nil:
			return err
		default:
			fmt.Fprintf(c.out, "wrote  %s\n", file.name)
		}
	}
	c.nextSteps(folder, workflow.name, defined)
	if left[workflow.name] && !plansFolder(workflow.name, inside) {
		fmt.Fprintf(c.notes(), "\n%s was there already, and does not name %q as path. How one workflow\ncares for several folders: "+docs+"github.md#several-folders-several-organizations\n", workflow.name, inside)
	}
	if left[settings.name] {
		fmt.Fprintf(c.notes(), "\nWhat your editor's settings need beside what stands there: "+docs+"editors.md\n")
	}
	return nil
}

// begun is a file as it is embedded.
func begun(name, embedded string) beginning {
	content, err := beginnings.ReadFile("init/" + embedded)
	if err != nil {
		panic(err) // it is part of the program
	}
	return beginning{name, content}
}

// inWorkflows are the folders that can stand in a workflow, and in patterns of
// GitHub and editors, without meaning anything else.
var inWorkflows = regexp.MustCompile(`^[A-Za-z0-9._/ -]+$`)

// repositoryOf finds the top of the Git repository that a folder is, or will be,
// in, as a path from where the program runs, and the folder inside it, with /.
// Without a repository the top is where the program runs.
func repositoryOf(folder string) (top, inside string, err error) {
	here, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	whole, err := filepath.Abs(folder)
	if err != nil {
		return "", "", err
	}
	root := whole
	for {
		if _, err := os.Lstat(filepath.Join(root, ".git")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			root = here
			break
		}
		root = filepath.Dir(root)
	}
	inside, err = filepath.Rel(root, whole)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", "", usage("%s is in no Git repository, and not below the folder that this runs in; run it in the repository's top", folder)
	}
	if inside = filepath.ToSlash(inside); !inWorkflows.MatchString(inside) {
		return "", "", usage("the folder %q cannot stand in a workflow; name it with letters, digits, -, _, . and spaces", inside)
	}
	if top, err = filepath.Rel(here, root); err != nil {
		return root, inside, nil //nolint:nilerr // another drive of Windows: the whole path does as well
	}
	return top, inside, nil
}

// hasDefinitions tells whether a folder has files that definitions are read from.
func hasDefinitions(folder string) (bool, error) {
	found := false
	folder, err := filepath.EvalSymlinks(folder) // a walk does not enter a link
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch base := entry.Name(); {
		case name == folder:
		case strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"), name == filepath.Join(folder, "environments"):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir(), name == filepath.Join(folder, spec.SettingsFile):
		case strings.HasSuffix(base, ".yaml"), strings.HasSuffix(base, ".yml"):
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found, err
}

// variablesInWorkflow are the lines for !env, which the first definition has not.
var variablesInWorkflow = regexp.MustCompile(`(?m)^ +variables: \|\n( +)[A-Z_]+=.*\n`)

// workflowFor makes the workflow of docs/github.md one for a folder, as its text
// says: without variables while no definition needs any.
func workflowFor(text []byte, folder string) []byte {
	text = variablesInWorkflow.ReplaceAll(text, nil)
	if folder == "agents" {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("path: agents\n"), []byte("path: \""+folder+"\"\n"))
	return bytes.ReplaceAll(text, []byte(`"agents/**"`), []byte(`"`+below(folder)+`**"`))
}

// plansFolder tells whether a workflow that stands names a folder as path. One that
// cannot be read is left to whoever wrote it.
func plansFolder(workflow, folder string) bool {
	text, err := os.ReadFile(workflow)
	named := regexp.MustCompile(`(?m)^\s*path: *["']?` + regexp.QuoteMeta(folder) + `/?["']?\s*(#.*)?$`)
	return err != nil || named.Match(text)
}

// settingsFor makes the settings of docs/editors.md some for a folder.
func settingsFor(text []byte, folder string) []byte {
	text = bytes.ReplaceAll(text, []byte(`"agents/`), []byte(`"`+below(folder)))
	return bytes.ReplaceAll(text, []byte(`"!agents/`), []byte(`"!`+below(folder)))
}

// below is how patterns of what is in a folder begin.
func below(folder string) string {
	if folder == "." {
		return ""
	}
	return folder + "/"
}

// docs is where the pages are that hints name.
const docs = "https://github.com/wassist-sync/wassist-sync/blob/main/docs/"

// nextSteps says what is left to do.
func (c console) nextSteps(folder, workflow string, defined bool) {
	first := filepath.Join(folder, "first-agent.yaml")
	if defined {
		first = folder
	}
	fmt.Fprintf(c.notes(), `
What to do next:

  1. Write what your agents shall be in %s, and check it:
       wassist-sync validate %[2]s
  2. Try it without a key, on a simulator; nothing leaves your machine:
       wassist-sync apply --yes --simulate %[2]s
  3. Make an API key on Wassist, and look at the first plan, which writes nothing:
       WASSIST_API_KEY=… wassist-sync plan %[2]s
     Agents that exist on Wassist already get their definitions from wassist-sync import.
  4. Keep the key as the repository's secret WASSIST_API_KEY on GitHub (Settings →
     Secrets and variables → Actions). What definitions take from !env goes there too,
     and its names into %[3]s, as the page below shows.
     Is the default branch not main? Write its name into that file, twice.
  5. Commit all of it on a branch, and open a pull request: it shows the plan, and
     its merge applies it. `+docs+`github.md
`, first, quoteWord(folder), workflow)
}

// quoteWord makes a word for a shell of a folder's name, which may hold spaces.
func quoteWord(s string) string {
	if strings.Contains(s, " ") {
		return `"` + s + `"`
	}
	return s
}
