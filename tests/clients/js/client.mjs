// What programs do with the AWS SDK for JavaScript v3, each with its defaults. The argument names what to do.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import * as s3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const client = new s3.S3Client();
const Key = "odd +%é name/日本.txt";
const Bucket = `js-${process.argv[2]}`;
const send = (command) => client.send(command);

async function objects() {
  await send(new s3.PutObjectCommand({ Bucket, Key, Body: "hello", Metadata: { colour: "blue" } }));
  const got = await send(new s3.GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.equal(await got.Body.transformToString(), "hello");
  assert.deepEqual(got.Metadata, { colour: "blue" });
  assert.equal(got.ChecksumCRC32, "NhCmhg==");
  const Body = Readable.from([Buffer.alloc(8192), Buffer.from("streamed")]); // S3 takes no smaller chunk but the last
  await send(new s3.PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength: 8200 }));
  const head = await send(new s3.HeadObjectCommand({ Bucket, Key: "stream" }));
  assert.equal(head.ContentLength, 8200);
  await send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }, { Key: "stream" }] } }));
  await assert.rejects(send(new s3.GetObjectCommand({ Bucket, Key })), s3.NoSuchKey);
}

async function listing() {
  for (const name of ["a/1", "a/2", Key, "z"]) await send(new s3.PutObjectCommand({ Bucket, Key: name, Body: "" }));
  const names = [];
  for await (const page of s3.paginateListObjectsV2({ client, pageSize: 1 }, { Bucket, Delimiter: "/" })) {
    names.push(...(page.CommonPrefixes ?? []).map((each) => each.Prefix));
    names.push(...(page.Contents ?? []).map((each) => each.Key));
  }
  assert.deepEqual(names, ["a/", "odd +%é name/", "z"]);
}

async function multipart() {
  const Body = Buffer.alloc(12 * 1024 * 1024, "0123456789abcdefg");
  const done = await new Upload({ client, params: { Bucket, Key, Body: Readable.from([Body]) } }).done();
  assert.match(done.ETag, /-3"$/);
  const got = await send(new s3.GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.ok(Body.equals(await got.Body.transformToByteArray()));
}

async function presign() {
  const put = await getSignedUrl(client, new s3.PutObjectCommand({ Bucket, Key }));
  assert.equal((await fetch(put, { method: "PUT", body: "signed" })).status, 200);
  const get = await getSignedUrl(client, new s3.GetObjectCommand({ Bucket, Key }));
  assert.equal(await (await fetch(get)).text(), "signed");
}

await send(new s3.CreateBucketCommand({ Bucket }));
await { objects, listing, multipart, presign }[process.argv[2]]();
