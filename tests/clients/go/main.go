// What programs do with the AWS SDK for Go v2, each with its defaults. The argument names what to do.
package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const key = "odd +%é name/日本.txt"

var (
	ctx    = context.Background()
	client *s3.Client
	bucket *string
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func same(got, wanted any) {
	if !reflect.DeepEqual(got, wanted) {
		log.Fatalf("got %v, wanted %v", got, wanted)
	}
}

func put(name, body string) {
	input := &s3.PutObjectInput{Bucket: bucket, Key: &name, Body: strings.NewReader(body)}
	input.Metadata = map[string]string{"colour": "blue"}
	must(client.PutObject(ctx, input))
}

func get() *s3.GetObjectOutput {
	mode := types.ChecksumModeEnabled
	return must(client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String(key), ChecksumMode: mode}))
}

func objects() {
	put(key, "hello")
	got := get()
	same(string(must(io.ReadAll(got.Body))), "hello")
	same(got.Metadata, map[string]string{"colour": "blue"})
	same(aws.ToString(got.ChecksumCRC32), "NhCmhg==")
	gone := &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String(key)}}}
	must(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: gone}))
	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String(key)})
	var missing *types.NoSuchKey
	same(errors.As(err, &missing), true)
}

func listing() {
	for _, name := range []string{"a/1", "a/2", key, "z"} {
		put(name, "")
	}
	input := &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)}
	var names []string
	for pages := s3.NewListObjectsV2Paginator(client, input); pages.HasMorePages(); {
		page := must(pages.NextPage(ctx))
		for _, each := range page.CommonPrefixes {
			names = append(names, *each.Prefix)
		}
		for _, each := range page.Contents {
			names = append(names, *each.Key)
		}
	}
	same(names, []string{"a/", "odd +%é name/", "z"})
}

func multipart() {
	body := bytes.Repeat([]byte("0123456789abcdef"), 20*1024*1024/16)
	input := &transfermanager.UploadObjectInput{Bucket: bucket, Key: aws.String(key)}
	input.Body = io.MultiReader(bytes.NewReader(body)) // hides the length, as a pipe does
	must(transfermanager.New(client).UploadObject(ctx, input))
	got := get()
	same(strings.HasSuffix(*got.ETag, `-3"`), true)
	same(bytes.Equal(must(io.ReadAll(got.Body)), body), true)
}

func presign() {
	signer := s3.NewPresignClient(client)
	up := must(signer.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key)}))
	request := must(http.NewRequest(up.Method, up.URL, strings.NewReader("signed")))
	same(must(http.DefaultClient.Do(request)).StatusCode, 200)
	down := must(signer.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String(key)}))
	same(string(must(io.ReadAll(must(http.Get(down.URL)).Body))), "signed")
}

func main() {
	client = s3.NewFromConfig(must(config.LoadDefaultConfig(ctx)))
	bucket = aws.String("go-" + os.Args[1])
	must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))
	map[string]func(){"objects": objects, "listing": listing, "multipart": multipart, "presign": presign}[os.Args[1]]()
}
