// The camera as a source of pictures, where the browser allows it: what it sees, and a button that takes a picture of it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { problem } from "../state/problem.ts";
import { addPicture } from "../state/session.ts";

export const hasCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === "function";

export function Camera() {
  const video = useRef<HTMLVideoElement>(null);
  const stream = useSignal<MediaStream | null>(null);
  useEffect(
    () => () => {
      for (const track of stream.value?.getTracks() ?? []) track.stop();
    },
    [],
  );
  const start = async (): Promise<void> => {
    try {
      stream.value = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (video.current !== null) video.current.srcObject = stream.value;
    } catch (error) {
      const what =
        (error as DOMException).name === "NotAllowedError"
          ? "the browser was not allowed to use it."
          : "no camera could be started.";
      const hint = "Allow it in the address bar, or drop pictures.";
      problem.value = {
        title: "No camera",
        failure: { code: "no-camera", what, where: null, hint, isOurs: false },
      };
    }
  };
  const stop = (): void => {
    for (const track of stream.value?.getTracks() ?? []) track.stop();
    stream.value = null;
  };
  const take = async (): Promise<void> => {
    const { videoWidth, videoHeight } = video.current as HTMLVideoElement;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext("2d")?.drawImage(video.current as HTMLVideoElement, 0, 0);
    await addPicture(
      await canvas.convertToBlob({ type: "image/png" }),
      `camera ${new Date().toLocaleTimeString()}`,
    );
  };
  const isOn = stream.value !== null;
  return (
    <div class="camera">
      {isOn ? (
        <>
          <button type="button" class="primary" onClick={() => void take()}>
            Take a picture
          </button>
          <button type="button" onClick={stop}>
            Stop the camera
          </button>
        </>
      ) : (
        <button type="button" onClick={() => void start()}>
          Camera
        </button>
      )}
      <video ref={video} autoPlay playsInline muted hidden={!isOn} />
    </div>
  );
}
