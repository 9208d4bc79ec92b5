// A peer on golang.org/x/crypto/ssh: the job comes as JSON on stdin, the times go as JSON to stdout.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

type job struct {
	Op, User, KeyFile, KnownHostsFile, Command string
	Hosts                                      []string
	Port, Count, Concurrency                   int
}

type result struct {
	Seconds        float64   `json:"seconds"`
	CPUMs          float64   `json:"cpuMs"`
	MaxResidentKib int64     `json:"maxResidentKib"`
	ResidentKib    int64     `json:"residentKib"`
	Times          []float64 `json:"times"`
	Failed         int       `json:"failed"`
	Bytes          int64     `json:"bytes"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func usage() syscall.Rusage {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage
}

func cpuMs(usage syscall.Rusage) float64 {
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func residentKib() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	must(err)
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	must(err)
	return pages * int64(os.Getpagesize()) / 1024
}

var (
	todo   job
	config *ssh.ClientConfig
)

func open(index int) (*ssh.Client, error) {
	return ssh.Dial("tcp", fmt.Sprintf("%s:%d", todo.Hosts[index%len(todo.Hosts)], todo.Port), config)
}

func execute(client *ssh.Client) (int64, error) {
	session, err := client.NewSession()
	if err != nil {
		return 0, err
	}
	defer session.Close()
	stdout, err := session.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := session.Start(todo.Command); err != nil {
		return 0, err
	}
	size, err := io.Copy(io.Discard, stdout)
	if err != nil {
		return size, err
	}
	return size, session.Wait()
}

func lanes(done *result, work func(index int) error) {
	var group sync.WaitGroup
	var lock sync.Mutex
	indexes := make(chan int)
	for range todo.Concurrency {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := range indexes {
				started := time.Now()
				err := work(index)
				lock.Lock()
				done.Times = append(done.Times, float64(time.Since(started).Microseconds())/1000)
				if err != nil {
					done.Failed++
					fmt.Fprintln(os.Stderr, err)
				}
				lock.Unlock()
			}
		}()
	}
	for index := range todo.Count {
		indexes <- index
	}
	close(indexes)
	group.Wait()
}

func main() {
	must(json.NewDecoder(os.Stdin).Decode(&todo))
	text, err := os.ReadFile(todo.KeyFile)
	must(err)
	signer, err := ssh.ParsePrivateKey(text)
	must(err)
	verify, err := knownhosts.New(todo.KnownHostsFile)
	must(err)
	config = &ssh.ClientConfig{
		User:              todo.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback:   verify,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	}
	var client *ssh.Client
	if todo.Op == "exec" || todo.Op == "read" {
		client, err = open(0)
		must(err)
		if todo.Op == "exec" {
			_, err = execute(client)
			must(err)
		}
	}
	done := result{Times: []float64{}}
	var clients []*ssh.Client
	var lock sync.Mutex
	before := int64(0)
	if todo.Op == "hold" {
		before = residentKib()
	}
	begun, started := cpuMs(usage()), time.Now()
	switch todo.Op {
	case "connect":
		lanes(&done, func(index int) error {
			client, err := open(index)
			if err != nil {
				return err
			}
			defer client.Close()
			_, err = execute(client)
			return err
		})
	case "exec":
		lanes(&done, func(int) error {
			_, err := execute(client)
			return err
		})
	case "read":
		done.Bytes, err = execute(client)
		must(err)
	case "hold":
		lanes(&done, func(index int) error {
			client, err := open(index)
			lock.Lock()
			clients = append(clients, client)
			lock.Unlock()
			return err
		})
	default:
		must(fmt.Errorf("no operation %s", todo.Op))
	}
	done.Seconds = time.Since(started).Seconds()
	last := usage()
	done.CPUMs, done.MaxResidentKib = cpuMs(last)-begun, last.Maxrss
	if todo.Op == "hold" {
		done.ResidentKib = residentKib() - before
		runtime.KeepAlive(clients)
	}
	must(json.NewEncoder(os.Stdout).Encode(done))
}
