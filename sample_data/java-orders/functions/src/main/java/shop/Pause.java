package shop;

/** Waits as a warehouse or a price list would. */
final class Pause {
  private Pause() {}

  static void milliseconds(long count) {
    try {
      Thread.sleep(count);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
